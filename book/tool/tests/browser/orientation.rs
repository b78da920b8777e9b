//! How a reader finds out what this is, where they are, and how far.

use fantoccini::{Client, Locator};
use harness::wait_for;
use serde_json::{Value, json};

use crate::driver::{Driver, count, script};
use crate::server::Server;

async fn at(server: &Server, browser: &Client, page: &str) {
    browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
    browser.wait().for_element(Locator::Css("main h1")).await.unwrap();
}

async fn click(browser: &Client, what: &str) {
    browser.find(Locator::Css(what)).await.unwrap().click().await.unwrap();
}

#[tokio::test]
async fn the_first_screen_shows_five_tasks_that_a_slider_spreads_over_four_workers() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    for (width, height) in [(1400, 900), (500, 844)] {
        browser.set_window_size(width, height).await.unwrap();
        at(&server, &browser, "index").await;
        let low = "return Math.max(...[...document.querySelectorAll('.welcome-stage, .welcome-buttons a')] \
                   .map(it => it.getBoundingClientRect().bottom))";
        let ends = script(&browser, low).await.as_f64().unwrap();
        assert!(ends <= f64::from(height), "at {width} × {height} it ends at {ends}");
    }
    assert_eq!(count(&browser, ".welcome-buttons a").await, 3, "read, run, try a challenge");
    for workers in 1..=4 {
        let rows = format!(
            "const slider = document.querySelector('.welcome-stage input'); slider.value = {workers}; \
             slider.dispatchEvent(new Event('input')); \
             const bars = [...document.querySelectorAll('.welcome-stage g[data-worker]')]; \
             return [bars.length, new Set(bars.map(bar => bar.dataset.worker)).size]"
        );
        assert_eq!(script(&browser, &rows).await, json!([5, workers]));
    }
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn steps_have_their_numbers_and_the_foot_names_the_next() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    at(&server, &browser, "03_pool").await;
    let text = async |what: &str| {
        let found = browser.find(Locator::Css(what)).await.unwrap();
        found.text().await.unwrap()
    };
    assert!(text("main h1").await.starts_with("3. "));
    assert!(text("#mdbook-sidebar a.active").await.starts_with("3. "));
    assert_eq!(text(".foot-nav .next").await.replace('\n', " "), "Next 4. Futures");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn answers_are_kept_and_counted_and_saved_as_a_file_that_a_class_can_merge() {
    let (server, driver) = (Server::shared(), Driver::start());
    let folder = tempfile::tempdir().unwrap();
    let browser =
        driver.open_with(false, json!({ "download.default_directory": folder.path() })).await;
    at(&server, &browser, "03_pool").await;
    let first = "details.quiz-wrong[name$='-1']";
    click(&browser, &format!("{first} summary")).await;
    click(&browser, "details.quiz-right[name$='-1'] summary").await;
    click(&browser, ".road-done button").await;
    let mark = "#mdbook-sidebar a.active .road-mark";
    assert_eq!(browser.find(Locator::Css(mark)).await.unwrap().text().await.unwrap(), "✓");

    // Another page, and back: what was answered is still there.
    at(&server, &browser, "01_sync").await;
    at(&server, &browser, "03_pool").await;
    let is_open = "return document.querySelector(\"details.quiz-right[name$='-1']\").open";
    assert_eq!(script(&browser, is_open).await, json!(true));

    at(&server, &browser, "progress").await;
    let row = "return [...document.querySelectorAll('tr[data-page=\"03_pool\"] td')].map(it => it.textContent)";
    let cells = script(&browser, row).await;
    assert_eq!(cells[1], "done");
    assert!(cells[2].as_str().unwrap().starts_with("0 right the first time"), "{cells}");
    browser.find(Locator::Css("#progress-name")).await.unwrap().send_keys("Ada").await.unwrap();
    click(&browser, "#progress-save").await;
    let saved = folder.path().join("many-hands-ada.json");
    let kept: Value =
        wait_for("the file is saved", || serde_json::from_slice(&std::fs::read(&saved).ok()?).ok());
    assert_eq!((&kept["many_hands"], &kept["name"]), (&json!(1), &json!("Ada")));
    let answer = &kept["pages"]["03_pool"]["quiz"]["1"];
    assert_eq!((&answer["firstRight"], &answer["right"]), (&json!(false), &json!(true)));
    let mut class = std::process::Command::new(env!("CARGO_BIN_EXE_book"));
    let table = class.arg("class").arg(&saved).output().unwrap();
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.starts_with("1 reader: Ada\n") && table.contains("1 of 1"), "{table}");
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_search_finds_parts_of_names_and_what_python_calls_them() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    at(&server, &browser, "01_sync").await;
    for (query, page) in [
        ("chunk_size", "03_pool"),
        ("starmap", "python-to-rust"),
        ("apply_async", "04_futures"),
        ("Executor.submit", "04_futures"),
    ] {
        let ask = format!(
            "document.querySelector('#search-open').click(); const input = document.querySelector('dialog.search input'); \
             input.value = {query:?}; input.dispatchEvent(new Event('input'))"
        );
        script(&browser, &ask).await;
        let links = "return [...document.querySelectorAll('.search-results a')].map(it => it.href)";
        let mut found = Value::Null;
        for _ in 0..600 {
            found = script(&browser, links).await;
            if found
                .as_array()
                .is_some_and(|links| links.iter().any(|it| it.as_str().unwrap().contains(page)))
            {
                break;
            }
            tokio::task::yield_now().await;
        }
        let first: Vec<&str> =
            found.as_array().unwrap().iter().take(5).map(|it| it.as_str().unwrap()).collect();
        assert!(first.iter().any(|link| link.contains(page)), "{query}: {first:?}");
    }
    let glued = "return [...document.querySelectorAll('.search-results p')].some(it => it.textContent.includes(' · '))";
    script(&browser, "document.querySelector('dialog.search input').value = 'executor'; \
                      document.querySelector('dialog.search input').dispatchEvent(new Event('input'))").await;
    assert_eq!(script(&browser, glued).await, json!(true), "the cells of a table stay apart");
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}
