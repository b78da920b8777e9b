//! What a reader sees and presses, in a real browser.

mod server;

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use server::{Server, wait_until};

/// Chromium's driver, until it is dropped.
struct Driver {
    program: Child,
    address: String,
}

impl Driver {
    fn start() -> Driver {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: ./tests/run does that");
        let address = format!("http://127.0.0.1:{port}");
        let status = format!("{address}/status");
        wait_until("chromedriver answers", || ureq::get(&status).call().is_ok());
        Driver { program, address }
    }

    async fn open(&self, dark: bool) -> Client {
        let mut args = vec![
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--window-size=1200,1000",
        ];
        if dark {
            args.push("--blink-settings=preferredColorScheme=0");
        }
        let capabilities = json!({
            "goog:chromeOptions": { "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let capabilities = capabilities.as_object().unwrap().clone();
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.address)
            .await
            .unwrap()
    }

    /// What the page has complained about.
    async fn complaints(&self, browser: &Client) -> Vec<String> {
        let session = browser.session_id().await.unwrap().unwrap();
        let log = format!("{}/session/{session}/se/log", self.address);
        let answer = ureq::post(log).send(json!({ "type": "browser" }).to_string()).unwrap();
        let answer: serde_json::Value =
            serde_json::from_reader(answer.into_body().into_reader()).unwrap();
        let entries = answer["value"].as_array().unwrap().iter();
        entries
            .filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING")
            .map(|entry| entry["message"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.program.kill().ok();
        self.program.wait().ok();
    }
}

/// A part of the first panel on the page.
async fn text(browser: &Client, part: &str) -> String {
    let found = browser.find(Locator::Css(&format!(".run {part}"))).await.unwrap();
    found.text().await.unwrap()
}

async fn count(browser: &Client, what: &str) -> usize {
    browser.find_all(Locator::Css(what)).await.unwrap().len()
}

async fn press(browser: &Client, name: &str) {
    let button = format!("//section[@class='run'][1]//button[contains(., '{name}')]");
    let button = browser.wait().for_element(Locator::XPath(&button)).await.unwrap();
    button.click().await.unwrap();
}

async fn fill(browser: &Client, field: &str, value: &str) {
    let field = browser.find(Locator::Css(&format!(".run {field}"))).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(value).await.unwrap();
}

async fn wait_for_end(browser: &Client) {
    let wait = browser.wait().at_most(Duration::from_secs(120));
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
        fill(&browser, ".run-guess input", "3").await;
        press(&browser, "Run").await;
        wait_for_end(&browser).await;
        let output = text(&browser, ".run-output").await;
        assert_eq!(output.matches("Done sleeping").count(), 2, "{output}");
        let status = text(&browser, ".run-status").await;
        assert!(status.contains("exit code 0") && status.contains("you guessed 3 s"), "{status}");
        assert_eq!(count(&browser, ".run figure svg").await, 2, "mine and the book's");
        assert_eq!(count(&browser, ".run .mh-guess").await, 1, "the guess lies over mine");
        assert_eq!(driver.complaints(&browser).await, [""; 0]);
        browser.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_reader_chooses_runs_in_parts_and_stops() {
    let (server, driver) = (Server::start(), Driver::start());
    for dark in [false, true] {
        let browser = driver.open(dark).await;
        browser.goto(&format!("{}/03_pool.html", server.address)).await.unwrap();
        browser.wait().for_element(Locator::Css(".run")).await.unwrap();
        let seconds = "label:nth-of-type(4) input";
        fill(&browser, seconds, "0.1").await;
        press(&browser, "Run").await;
        wait_for_end(&browser).await;
        assert!(
            count(&browser, ".run figure svg").await > 2,
            "each part, and the book's beside it"
        );

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

/// The pages that the summary names.
fn pages() -> Vec<String> {
    let summary = std::fs::read_to_string(steps::root().join("book/src/SUMMARY.md")).unwrap();
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
    let (server, driver) = (Server::start(), Driver::start());
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
    let (server, driver) = (Server::start(), Driver::start());
    let pages = pages();
    for dark in [false, true] {
        let browser = driver.open(dark).await;
        for page in &pages {
            browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
            browser.wait().for_element(Locator::Css("main h1")).await.unwrap();
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
        assert_eq!(driver.complaints(&browser).await, [""; 0]);
        browser.close().await.unwrap();
    }
}

/// Follows each link of a page that stays in the book, and returns those that lead nowhere.
const FOLLOW: &str = "
    const done = arguments[0];
    const inside = [...document.querySelectorAll('a[href]')].map((link) => link.href.split('#')[0])
        .filter((link) => link.startsWith(location.origin));
    const follow = (link) => fetch(link, { method: 'HEAD' }).then((answer) => answer.ok ? [] : [link]);
    Promise.all([...new Set(inside)].map(follow)).then((broken) => done(broken.flat()));
";

/// Every theme is somebody's favourite.
#[tokio::test]
#[ignore = "needs axe-core in AXE: ./tests/run sets it"]
async fn no_page_has_a_barrier_in_any_theme() {
    let axe = std::env::var("AXE").expect("the path of axe.min.js");
    let axe = std::fs::read_to_string(axe).unwrap();
    let (server, driver) = (Server::start(), Driver::start());
    let browser = driver.open(false).await;
    let mut barriers = Vec::new();
    for page in pages() {
        browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
        browser.execute(&axe, Vec::new()).await.unwrap();
        // Folded text counts, too.
        browser.execute(UNFOLD, Vec::new()).await.unwrap();
        for theme in ["light", "rust", "coal", "navy", "ayu"] {
            let found = browser.execute_async(BARRIERS, vec![json!(theme)]).await.unwrap();
            for barrier in found.as_array().unwrap() {
                barriers.push(format!("{page}, {theme}: {}", barrier.as_str().unwrap()));
            }
        }
    }
    assert!(barriers.is_empty(), "\n{}", barriers.join("\n"));
    browser.close().await.unwrap();
}

const UNFOLD: &str =
    "for (const folded of document.querySelectorAll('main details')) folded.open = true";

/// What axe-core finds in a theme. Only of the page's own text: mdBook's menus are mdBook's. What does not
/// depend on colours is looked at once.
const BARRIERS: &str = "
    const [theme, done] = arguments;
    document.getElementById(`mdbook-theme-${theme}`).click();
    const colours = ['color-contrast', 'link-in-text-block'];
    const only = theme === 'light' ? {} : { runOnly: { type: 'rule', values: colours } };
    axe.run('main', { resultTypes: ['violations'], ...only }).then(({ violations }) => done(
        violations.flatMap(({ id, nodes }) => nodes.map(
            (node) => `${id}: ${node.target} ${node.any.map((check) => check.message)}`))));
";
