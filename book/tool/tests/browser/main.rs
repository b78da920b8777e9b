//! What a reader sees and presses, in a real browser.

mod barriers;
mod driver;
mod editing;
mod orientation;
mod reading;
#[path = "../server/mod.rs"]
mod server;
mod small;
mod timelines;

use std::collections::BTreeSet;
use std::time::Duration;

use driver::{Driver, count, fill, key, press, script, text};
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use hands::timeline::Trace;
use harness::wait_until;
use serde_json::json;
use server::Server;

async fn wait_for_end(browser: &Client) {
    let wait = browser.wait().at_most(Duration::from_secs(600));
    wait.for_element(Locator::Css(".run figure svg")).await.expect("the run ends with a timeline");
}

#[tokio::test]
async fn a_reader_guesses_runs_and_sees_two_timelines_in_light_and_dark() {
    let (server, driver) = (Server::start(), Driver::start());
    for dark in [false, true] {
        let browser = driver.open(dark).await;
        browser.goto(&format!("{}/01_sync.html", server.address)).await.unwrap();
        browser
            .wait()
            .for_element(Locator::Css(".run"))
            .await
            .expect("a panel under the first run");
        let watch = "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(it => { \
                     if (!it.hadRecentInput) window.shift += it.value })).observe({ type: 'layout-shift' })";
        script(&browser, watch).await;
        fill(&browser, ".run-guess input", "3").await;
        press(&browser, "Run").await;
        wait_for_end(&browser).await;
        let output = text(&browser, ".run-output").await;
        assert!(output.contains("Done sleeping") && output.contains("Done computing"), "{output}");
        let status = text(&browser, ".run-status").await;
        assert!(status.contains("exit code 0"), "{status}");
        let verdict = text(&browser, ".run-guess").await;
        assert!(verdict.starts_with("You guessed 3 s. It was 2."), "{verdict}");
        assert!(verdict.ends_with(" s too long."), "two seconds are less: {verdict}");
        let shift = script(&browser, "return window.shift").await.as_f64().unwrap();
        assert!(shift < 0.05, "the page has jumped: {shift}");
        let label = script(
            &browser,
            "return document.querySelector('.run .mh-wide .mh-guess-label').textContent",
        );
        assert_eq!(label.await, json!("you: 3 s"));
        let asked = "return document.querySelector('.run-guess').querySelector('input') !== null";
        assert_eq!(script(&browser, asked).await, json!(false), "only the first is a surprise");
        assert_eq!(count(&browser, ".run figure > svg.mh-wide").await, 2, "mine and the book's");
        assert_eq!(
            count(&browser, ".run .mh-wide path.mh-guess").await,
            1,
            "the guess lies over mine"
        );
        assert_eq!(driver.complaints(&browser).await, [""; 0]);
        browser.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_reader_chooses_runs_in_parts_and_stops() {
    let (server, driver) = (Server::start(), Driver::start());
    for dark in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let browser =
            driver.open_with(dark, json!({ "download.default_directory": folder.path() })).await;
        browser.goto(&format!("{}/03_pool.html", server.address)).await.unwrap();
        browser.wait().for_element(Locator::Css(".run")).await.unwrap();
        let choose = "const select = document.querySelector('.run-guess select'); select.value = 'sleep 1'; \
                      return select.options.length";
        assert_eq!(script(&browser, choose).await, json!(5), "four sleeps, and none");
        let seconds = "label:nth-of-type(4) input";
        fill(&browser, seconds, "0.1").await;
        press(&browser, "Run").await;
        wait_for_end(&browser).await;
        let verdict = text(&browser, ".run-guess").await;
        assert_eq!(
            verdict, "You guessed sleep 1. This run doesn't say: it had other tasks.",
            "its sleeps are shorter"
        );
        assert!(
            count(&browser, ".run figure > svg.mh-wide").await > 2,
            "each part, and the book's beside it"
        );
        assert_eq!(
            count(&browser, ".run .what-if").await,
            4,
            "each of my parts can be tried with other numbers"
        );
        assert_eq!(
            count(&browser, ".run svg.mh-wide [tabindex='0']").await,
            8,
            "and all can be looked into"
        );
        browser.find(Locator::Css(".run a[download]")).await.unwrap().click().await.unwrap();
        let saved = folder.path().join("timeline.json");
        let trace = harness::wait_for("the trace is saved", || Trace::read(&saved).ok());
        assert_eq!(trace.name(), "03_pool");

        fill(&browser, seconds, "5").await;
        press(&browser, "Run").await;
        wait_until("the step runs", || server.steps().len() == 1);
        press(&browser, "Stop").await;
        wait_until("the step is gone", || server.steps().is_empty());
        browser
            .wait()
            .for_element(Locator::XPath("//button[contains(., 'Run') and not(@hidden)]"))
            .await
            .unwrap();
        assert_eq!(text(&browser, ".run-status").await, "stopped");

        // The same when the reader leaves.
        press(&browser, "Run").await;
        wait_until("the step runs again", || server.steps().len() == 1);
        browser.goto(&format!("{}/index.html", server.address)).await.unwrap();
        wait_until("the step is gone with its page", || server.steps().is_empty());
        assert_eq!(driver.complaints(&browser).await, [""; 0]);
        browser.close().await.unwrap();
    }
}

#[tokio::test]
async fn python_is_one_tab_away_and_stays_chosen() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    // Which languages are to be seen, on the first twin and on all.
    let shown = "const all = [...document.querySelectorAll('[data-language]')]; \
                 return [...new Set(all.filter(it => it.checkVisibility({contentVisibilityAuto: true}) \
                   && it.querySelector('pre, figure').checkVisibility({contentVisibilityAuto: true})) \
                   .map(it => it.dataset.language))]";
    let page = format!("{}/01_sync.html", server.address);
    browser.goto(&page).await.unwrap();
    browser.wait().for_element(Locator::Css("[role=tab]")).await.unwrap();
    assert_eq!(script(&browser, shown).await, json!(["Rust"]));
    let python = browser.find(Locator::XPath("//button[@role='tab' and text()='Python']")).await;
    python.unwrap().click().await.unwrap();
    assert_eq!(script(&browser, shown).await, json!(["Python"]), "everywhere at once");

    browser.goto(&format!("{}/03_pool.html", server.address)).await.unwrap();
    browser.wait().for_element(Locator::Css("[role=tab]")).await.unwrap();
    assert_eq!(script(&browser, shown).await, json!(["Python"]), "on other pages, too");

    // The arrow keys work, and mdBook does not turn the page.
    browser.goto(&page).await.unwrap();
    browser.wait().for_element(Locator::Css("[role=tab]")).await.unwrap();
    script(&browser, "document.querySelector('[role=tab][aria-selected=true]').focus()").await;
    key(&browser, Key::Left).await;
    assert_eq!(script(&browser, shown).await, json!(["Rust"]));
    assert_eq!(browser.active_element().await.unwrap().text().await.unwrap(), "Rust");
    key(&browser, Key::Right).await;
    assert_eq!(script(&browser, shown).await, json!(["Python"]));
    assert_eq!(browser.current_url().await.unwrap().as_str(), page);

    // Each panel has a tab, and says which.
    let named = "return [...document.querySelectorAll('[role=tabpanel]')].every(panel => { \
                   const tab = document.getElementById(panel.getAttribute('aria-labelledby')); \
                   return tab.getAttribute('aria-controls') === panel.id \
                     && tab.textContent === panel.dataset.language })";
    assert_eq!(script(&browser, named).await, json!(true));
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn without_a_script_everything_is_there_one_after_the_other() {
    let (server, driver) = (Server::shared(), Driver::start());
    let off = json!({ "profile.managed_default_content_settings.javascript": 2 });
    let browser = driver.open_with(false, off).await;
    browser.goto(&format!("{}/03_pool.html", server.address)).await.unwrap();
    assert_eq!(count(&browser, "[role=tab]").await, 0, "no script has run");
    let unfolded = Locator::Css("[data-language] pre:not(details pre)");
    let panels = browser.find_all(unfolded).await.unwrap();
    assert!(panels.len() >= 10, "{}", panels.len());
    for panel in panels {
        assert!(panel.is_displayed().await.unwrap());
    }
    assert!(count(&browser, "figure.timeline > svg[role=img] > title").await > 3);
    assert!(count(&browser, "figure.timeline a[download]").await > 3);
    assert_eq!(count(&browser, "input[type=range]").await, 0, "nothing that would do nothing");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn what_changed_is_folded_and_fits_a_phone() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(true).await;
    browser.set_window_size(390, 800).await.unwrap();
    for (page, diffs) in [("03_pool", 1), ("09_images", 1)] {
        browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
        browser.wait().for_element(Locator::Css("details.changed > summary")).await.unwrap();
        assert_eq!(count(&browser, "details.changed:not([open])").await, diffs, "{page}");
        script(
            &browser,
            "document.querySelectorAll('details.changed').forEach(it => it.open = true)",
        )
        .await;
        let signs = "return ['ins', 'del'].map(tag => [...document.querySelectorAll('.changed-lines ' + tag)] \
                     .map(line => line.textContent[0])).map(signs => [...new Set(signs)].join())";
        assert_eq!(script(&browser, signs).await, json!(["+", "−"]), "{page}");
        let wide = "return [...document.querySelectorAll('.changed-lines')] \
                    .filter(lines => lines.scrollWidth > lines.clientWidth).length";
        assert_eq!(script(&browser, wide).await, json!(0), "{page}: lines are broken, not cut");
        let text = "return document.querySelector('main').textContent.includes('ANCHOR')";
        assert_eq!(script(&browser, text).await, json!(false), "{page}");
    }
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

/// The pages that the summary names.
fn pages() -> Vec<String> {
    let summary = std::fs::read_to_string(harness::root().join("book/src/SUMMARY.md")).unwrap();
    let pages: Vec<String> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(".md)").map(|(page, _)| page.to_owned()))
        .collect();
    assert!(pages.len() > 10, "{pages:?}");
    pages
}

#[tokio::test]
async fn a_quiz_is_answered_by_keyboard_alone() {
    const ENTER: &str = "\u{e007}";
    const TAB: &str = "\u{e004}";
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    browser.goto(&format!("{}/03_pool.html", server.address)).await.unwrap();
    let answer = async || {
        let answers = browser.find_all(Locator::Css(".quiz details[open] > p")).await.unwrap();
        assert_eq!(answers.len(), 1, "one choice of a question is open");
        answers[0].text().await.unwrap()
    };
    assert_eq!(count(&browser, ".quiz details[open]").await, 0, "nothing is given away");
    let first = browser.find(Locator::Css(".quiz summary")).await.unwrap();
    first.send_keys(ENTER).await.unwrap();
    assert!(answer().await.starts_with("Right. "), "{}", answer().await);
    first.send_keys(TAB).await.unwrap();
    let second = browser.active_element().await.unwrap();
    second.send_keys(ENTER).await.unwrap();
    assert!(answer().await.starts_with("No. "), "{}", answer().await);
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn every_page_is_without_complaints_in_light_and_dark() {
    let (server, driver) = (Server::shared(), Driver::start());
    let pages = pages();
    for dark in [false, true] {
        let browser = driver.open(dark).await;
        let mut buttons = BTreeSet::new();
        for page in &pages {
            browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
            browser.wait().for_element(Locator::Css("main h1")).await.unwrap();
            browser.wait().for_element(Locator::Css("body[data-runs]")).await.unwrap();
            let shown = browser.execute(BUTTONS, Vec::new()).await.unwrap();
            buttons.extend(serde_json::from_value::<Vec<String>>(shown).unwrap());
            let outside = "return performance.getEntriesByType('resource').map(e => e.name) \
                           .filter(name => !name.startsWith(location.origin) && !name.startsWith('data:'))";
            let outside = browser.execute(outside, Vec::new()).await.unwrap();
            assert_eq!(outside, json!([]), "{page} loads from elsewhere");
            let broken = browser.execute_async(FOLLOW, Vec::new()).await.unwrap();
            assert_eq!(broken, json!([]), "{page} has links that lead nowhere");
            let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            assert_eq!(
                browser.execute(wide, Vec::new()).await.unwrap(),
                json!(0),
                "{page} scrolls sideways"
            );
        }
        let offered = browser.execute_async(OFFERED, Vec::new()).await.unwrap();
        assert_eq!(
            json!(buttons),
            offered,
            "each command that may be run has its button on some page"
        );
        assert_eq!(driver.complaints(&browser).await, [""; 0]);
        browser.close().await.unwrap();
    }
}

/// The labels of a page's buttons.
const BUTTONS: &str = "
    return [...document.querySelectorAll('section.run')].map((run) => run.getAttribute('aria-label'));
";

/// The labels that all buttons should have.
const OFFERED: &str = "
    const done = arguments[0];
    fetch('/-/runs').then((answer) => answer.json())
        .then((offers) => done(offers.map(({ verb, name }) => `${verb} ${name} here`).sort()));
";

/// Follows the links of a page within the book, and returns those that lead nowhere.
const FOLLOW: &str = "
    const done = arguments[0];
    const inside = [...document.querySelectorAll('a[href]')].map((link) => link.href.split('#')[0])
        .filter((link) => link.startsWith(location.origin));
    const follow = (link) => fetch(link, { method: 'HEAD' })
        .then((answer) => answer.ok ? [] : [link], (error) => [`${link}: ${error}`]);
    Promise.all([...new Set(inside)].map(follow)).then((broken) => done(broken.flat()));
";
