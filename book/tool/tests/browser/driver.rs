//! Chromium, and what a test does with a page.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use harness::{Child, wait_until};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Chromium's driver, until it is dropped. Its browsers are in its group, so none stays behind when
/// a test fails.
pub(crate) struct Driver {
    _program: Child,
    address: String,
}

impl Driver {
    pub(crate) fn start() -> Driver {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let program =
            Child::start(&mut command).expect("chromedriver is installed: ./tests/run does that");
        let address = format!("http://127.0.0.1:{port}");
        let status = format!("{address}/status");
        wait_until("chromedriver answers", || ureq::get(&status).call().is_ok());
        Driver { _program: program, address }
    }

    /// Opens a browser.
    pub(crate) async fn open(&self, dark: bool) -> Client {
        self.open_with(dark, json!({})).await
    }

    /// Opens a browser with these preferences of Chromium's.
    pub(crate) async fn open_with(&self, dark: bool, preferences: Value) -> Client {
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
            "goog:chromeOptions": { "args": args, "prefs": preferences },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let capabilities = capabilities.as_object().unwrap().clone();
        let browser = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.address)
            .await
            .unwrap();
        // A busy machine is slow.
        let script = Some(Duration::from_secs(600));
        let patience = TimeoutConfiguration::new(script, None, None);
        browser.update_timeouts(patience).await.unwrap();
        browser
    }

    /// Warnings and errors in the browser's console.
    pub(crate) async fn complaints(&self, browser: &Client) -> Vec<String> {
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

/// The text of a part of the first panel on the page.
pub(crate) async fn text(browser: &Client, part: &str) -> String {
    let found = browser.find(Locator::Css(&format!(".run {part}"))).await.unwrap();
    found.text().await.unwrap()
}

pub(crate) async fn count(browser: &Client, what: &str) -> usize {
    browser.find_all(Locator::Css(what)).await.unwrap().len()
}

pub(crate) async fn press(browser: &Client, name: &str) {
    let button = format!("//section[@class='run'][1]//button[contains(., '{name}')]");
    let button = browser.wait().for_element(Locator::XPath(&button)).await.unwrap();
    button.click().await.unwrap();
}

pub(crate) async fn fill(browser: &Client, field: &str, value: &str) {
    let field = browser.find(Locator::Css(&format!(".run {field}"))).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(value).await.unwrap();
}

/// Runs a script in the page, and says what it returns.
pub(crate) async fn script(browser: &Client, code: &str) -> Value {
    browser.execute(code, Vec::new()).await.unwrap()
}

/// Presses and releases a key, wherever the focus is.
pub(crate) async fn key(browser: &Client, key: Key) {
    let value = key.into();
    let keys = KeyActions::new("keys".to_owned());
    let keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
    browser.perform_actions(keys).await.unwrap();
}

/// Waits until a script returns something true.
pub(crate) async fn until(browser: &Client, what: &str, code: &str) {
    let check = format!("if ({code}) document.body.dataset.until = 'yes'");
    for _ in 0..6000 {
        script(browser, &check).await;
        if script(browser, "return document.body.dataset.until === 'yes'").await == json!(true) {
            script(browser, "delete document.body.dataset.until").await;
            return;
        }
    }
    panic!("{what} has not come");
}

/// Presses a key while another one is held.
pub(crate) async fn chord(browser: &Client, held: Key, key: impl Into<char>) {
    let (held, value) = (held.into(), key.into());
    let keys = KeyActions::new("keys".to_owned());
    let keys = keys.then(KeyAction::Down { value: held }).then(KeyAction::Down { value });
    let keys = keys.then(KeyAction::Up { value }).then(KeyAction::Up { value: held });
    browser.perform_actions(keys).await.unwrap();
}

/// The selector of a picture, by the name of its recording.
pub(crate) fn figure(name: &str) -> String {
    format!("figure[data-recording='{name}']")
}
