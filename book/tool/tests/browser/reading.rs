//! How a page fits, plays, and follows what is written.

use std::fs;
use std::process::Command;

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::driver::{Driver, key, script, until};
use crate::pages;
use crate::server::Server;
use crate::small::themed;

#[tokio::test]
async fn nothing_scrolls_sideways_on_a_wide_screen_and_no_page_does_on_a_phone() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    let wide = "return [...document.querySelectorAll('main pre, main pre > code, main table, main .table-wrapper')] \
                .filter(it => it.checkVisibility() && it.scrollWidth > it.clientWidth + 1) \
                .map(it => it.textContent.slice(0, 60))";
    browser.set_window_size(1400, 900).await.unwrap();
    for page in pages() {
        browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
        assert_eq!(script(&browser, wide).await, json!([]), "{page} on a wide screen");
    }
    browser.set_window_size(500, 844).await.unwrap(); // no window of Chromium's is narrower
    for page in pages() {
        browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
        let out = "return document.documentElement.scrollWidth > innerWidth";
        assert_eq!(script(&browser, out).await, json!(false), "{page} on a phone");
    }
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_recorded_run_plays_with_what_it_printed() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    browser.goto(&format!("{}/03_pool.html", server.address)).await.unwrap();
    let at = |share: u32| {
        format!(
            "const figure = document.querySelector(\"figure[data-recording='03_pool-imap-unordered']\"); \
             const slider = figure.querySelector('.play input'); slider.value = {share}; \
             slider.dispatchEvent(new Event('input')); \
             const text = figure.querySelector('.play-output').textContent; \
             return [text.match(/^Sleeping/gm)?.length ?? 0, text.match(/^Done/gm)?.length ?? 0, \
                     Boolean(figure.querySelector('svg.mh-wide > g').getAttribute('clip-path'))]"
        )
    };
    // Four workers begin at once; the first result is there after half a second, of three.
    assert_eq!(script(&browser, &at(100)).await, json!([4, 0, true]));
    assert_eq!(script(&browser, &at(250)).await, json!([5, 1, true]));
    assert_eq!(script(&browser, &at(1000)).await, json!([5, 5, false]));
    // Pressed, it goes on by itself, from the start to the end. The page sees each moment, however
    // busy the machine is.
    let figure =
        "document.querySelector(\"figure[data-recording='03_pool-imap-unordered'] .play\")";
    let press = format!(
        "const play = {figure}; const slider = play.querySelector('input'); window.seen = []; \
         new MutationObserver(() => window.seen.push(Number(slider.value))) \
           .observe(play.querySelector('.play-time'), {{ childList: true }}); \
         play.querySelector('button').click()"
    );
    script(&browser, &press).await;
    until(&browser, "the end", "window.seen.at(-1) === 1000").await;
    let order = "return [window.seen[0] < 500, window.seen.every((it, n, all) => n === 0 || it >= all[n - 1])]";
    assert_eq!(script(&browser, order).await, json!([true, true]));
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_page_follows_what_is_written_and_keeps_its_place_and_its_runs() {
    let clone = themed();
    let write = |name: &str, text: &str| fs::write(clone.path().join(name), text).unwrap();
    write("book/src/SUMMARY.md", "- [One](one.md)\n");
    let filler = "Line.\n\n".repeat(80);
    let page = |word: &str| {
        format!("# One\n\n{filler}<details><summary>More</summary>\n\n{word}\n\n</details>\n")
    };
    write("book/src/one.md", &page("As it was."));
    let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
    command.arg("--root").arg(clone.path());
    let (server, driver) = (Server::start_with(command), Driver::start());
    let browser = driver.open(false).await;
    browser.goto(&format!("{}/one.html", server.address)).await.unwrap();
    until(&browser, "the page", "document.querySelector('main details')").await;
    script(
        &browser,
        "window.mine = true; document.querySelector('main details').open = true; scrollTo(0, 900)",
    )
    .await;
    write("book/src/one.md", &page("As it is now."));
    until(
        &browser,
        "the new text",
        "document.querySelector('main').textContent.includes('As it is now.')",
    )
    .await;
    let kept =
        "return [window.mine, document.querySelector('main details').open, Math.round(scrollY)]";
    assert_eq!(script(&browser, kept).await, json!([true, true, 900]), "in place");

    write("book/theme/look.css", ".content main { letter-spacing: 3px }");
    until(
        &browser,
        "the new style",
        "getComputedStyle(document.querySelector('main')).letterSpacing === '3px'",
    )
    .await;
    assert_eq!(script(&browser, "return window.mine").await, json!(true), "without a reload");

    write("book/book.toml", "what is no TOML");
    until(&browser, "the error", "document.querySelector('.build-error')?.checkVisibility()").await;
    let said = script(&browser, "return document.querySelector('.build-error').textContent").await;
    assert!(said.as_str().unwrap().contains("does not build"), "{said}");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn everything_is_reached_by_keyboard() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    browser.goto(&format!("{}/index.html", server.address)).await.unwrap();
    let focused = "const it = document.activeElement; \
                   return it.id || it.getAttribute('aria-label') || it.textContent.trim()";
    key(&browser, Key::Tab).await;
    assert_eq!(script(&browser, focused).await, json!("Skip to the text"), "it comes first");
    key(&browser, Key::Enter).await;
    assert_eq!(script(&browser, focused).await, json!("main"));
    let mut seen: Vec<Value> = Vec::new();
    for _ in 0..9 {
        key(&browser, Key::Tab).await;
        seen.push(script(&browser, focused).await);
    }
    for label in ["Read the first step", "Run a step", "Try a challenge"] {
        assert!(seen.contains(&json!(label)), "{label} is not among {seen:?}");
    }
    // The table of contents opens and closes with a key, as its button says.
    let toggle = "const it = document.getElementById('mdbook-sidebar-toggle'); it.focus(); return it.getAttribute('aria-expanded')";
    let before = script(&browser, toggle).await;
    key(&browser, Key::Enter).await;
    assert_ne!(script(&browser, toggle).await, before);
    // So does the search, which gives the focus back.
    browser.find(Locator::Css("#search-open")).await.unwrap().click().await.unwrap();
    assert_eq!(script(&browser, focused).await, json!("Search the book"));
    key(&browser, Key::Escape).await;
    assert_eq!(
        script(&browser, "return document.querySelector('dialog.search').open").await,
        json!(false)
    );
    assert_eq!(script(&browser, focused).await, json!("search-open"));
    browser.close().await.unwrap();
}
