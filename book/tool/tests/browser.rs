//! What a reader sees and presses, in a real browser.

mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions, MouseActions, PointerAction};
use fantoccini::key::Key;
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use hands::pool::ThreadPool;
use hands::timeline::Trace;
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
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
            .process_group(0)
            .spawn()
            .expect("chromedriver is installed: ./tests/run does that");
        let address = format!("http://127.0.0.1:{port}");
        let status = format!("{address}/status");
        wait_until("chromedriver answers", || ureq::get(&status).call().is_ok());
        Driver { program, address }
    }

    async fn open(&self, dark: bool) -> Client {
        self.open_with(dark, json!({})).await
    }

    /// With preferences of Chromium's.
    async fn open_with(&self, dark: bool, preferences: Value) -> Client {
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
        // A busy machine takes its time.
        let script = Some(Duration::from_secs(600));
        let patience = TimeoutConfiguration::new(script, None, None);
        browser.update_timeouts(patience).await.unwrap();
        browser
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
        // Its browsers are in its group: none stays behind when a test fails.
        let group = i32::try_from(self.program.id()).ok().and_then(Pid::from_raw);
        group.and_then(|group| kill_process_group(group, Signal::KILL).ok());
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

/// Calls a piece of script, which returns something.
async fn script(browser: &Client, code: &str) -> Value {
    browser.execute(code, Vec::new()).await.unwrap()
}

/// Presses and releases a key, wherever the focus is.
async fn key(browser: &Client, key: Key) {
    let value = key.into();
    let keys = KeyActions::new("keys".to_owned());
    let keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
    browser.perform_actions(keys).await.unwrap();
}

/// A picture on the page, by the name of its recording.
fn figure(name: &str) -> String {
    format!("figure[data-recording='{name}']")
}

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
        let folder = tempfile::tempdir().unwrap();
        let browser =
            driver.open_with(dark, json!({ "download.default_directory": folder.path() })).await;
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
        assert_eq!(
            count(&browser, ".run .what-if").await,
            4,
            "each of my parts can be tried with other numbers"
        );
        assert_eq!(
            count(&browser, ".run svg [tabindex='0']").await,
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
    let (server, driver) = (Server::start(), Driver::start());
    let browser = driver.open(false).await;
    // Which languages are to be seen, on the first twin and on all.
    let shown = "const all = [...document.querySelectorAll('[data-language]')]; \
                 return [...new Set(all.filter(it => it.checkVisibility({contentVisibilityAuto: true}) \
                   && it.querySelector('pre').checkVisibility({contentVisibilityAuto: true})) \
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

    // With the keys, and mdBook does not turn the page.
    browser.goto(&page).await.unwrap();
    browser.wait().for_element(Locator::Css("[role=tab]")).await.unwrap();
    script(&browser, "document.querySelector('[role=tab][aria-selected=true]').focus()").await;
    key(&browser, Key::Left).await;
    assert_eq!(script(&browser, shown).await, json!(["Rust"]));
    assert_eq!(browser.active_element().await.unwrap().text().await.unwrap(), "Rust");
    key(&browser, Key::Right).await;
    assert_eq!(script(&browser, shown).await, json!(["Python"]));
    assert_eq!(browser.current_url().await.unwrap().as_str(), page);

    // A panel says whose it is, and each has a tab.
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
    let (server, driver) = (Server::start(), Driver::start());
    let off = json!({ "profile.managed_default_content_settings.javascript": 2 });
    let browser = driver.open_with(false, off).await;
    browser.goto(&format!("{}/03_pool.html", server.address)).await.unwrap();
    assert_eq!(count(&browser, "[role=tab]").await, 0, "no script has run");
    let panels = browser.find_all(Locator::Css("[data-language] pre")).await.unwrap();
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
async fn a_timeline_can_be_looked_into_with_the_pointer_and_with_keys() {
    let (server, driver) = (Server::start(), Driver::start());
    let browser = driver.open(false).await;
    let page = format!("{}/03_pool.html", server.address);
    browser.goto(&page).await.unwrap();
    let map = figure("03_pool-map");
    let bar =
        browser.wait().for_element(Locator::Css(&format!("{map} g[tabindex]"))).await.unwrap();
    let name = bar.attr("aria-label").await.unwrap().unwrap();
    let (task, rest) = name.split_once(", worker ").expect("what, and who");
    let shown = format!(
        "const box = document.querySelector(\"{map} .mh-box\"); return box.hidden ? '' : box.innerText"
    );

    let element = bar.clone();
    let over = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
    script(&browser, &format!("document.querySelector(\"{map}\").scrollIntoView()")).await;
    browser.perform_actions(MouseActions::new("mouse".to_owned()).then(over)).await.unwrap();
    let text = script(&browser, &shown).await;
    let text = text.as_str().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(lines[0], task);
    assert!(rest.starts_with(&lines[1]["worker ".len()..]), "{text}");
    assert!(lines[2].starts_with("starts at") && lines[3].starts_with("takes"), "{text}");
    let away = PointerAction::MoveTo { duration: None, x: 5.0, y: 300.0 };
    browser.perform_actions(MouseActions::new("mouse".to_owned()).then(away)).await.unwrap();
    assert_eq!(script(&browser, &shown).await, json!(""), "it goes with the pointer");

    // One stop for Tab; from there the arrows lead to every bar and mark, and the box follows.
    let stops = format!("return document.querySelectorAll(\"{map} > svg [tabindex='0']\").length");
    assert_eq!(script(&browser, &stops).await, json!(1));
    script(&browser, &format!("document.querySelector(\"{map} > svg [tabindex='0']\").focus()"))
        .await;
    let focused = "return document.activeElement.getAttribute('aria-label')";
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        let name = script(&browser, focused).await.as_str().unwrap().to_owned();
        let first = name.split(',').next().unwrap().to_owned();
        let text = script(&browser, &shown).await;
        assert!(text.as_str().unwrap().starts_with(&first), "{text} is about {name}");
        seen.insert(name);
        key(&browser, Key::Down).await;
    }
    assert_eq!(seen.len(), 5, "main's mark, and a bar of each worker: {seen:?}");
    key(&browser, Key::End).await;
    let last = script(&browser, focused).await;
    key(&browser, Key::Left).await;
    assert_ne!(script(&browser, focused).await, last, "two in the last row");
    key(&browser, Key::Escape).await;
    assert_eq!(script(&browser, &shown).await, json!(""), "Escape puts it away");
    assert_eq!(
        browser.current_url().await.unwrap().as_str(),
        page,
        "mdBook has not turned the page"
    );
    assert_eq!(script(&browser, &stops).await, json!(1), "still one stop for Tab");

    // The trace is beside the page.
    let step = format!(
        "return fetch(document.querySelector(\"{map} a[download]\").href).then(it => it.json()) \
         .then(trace => trace.otherData.step)"
    );
    assert_eq!(script(&browser, &step).await, json!("03_pool"));
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

/// What a pool of the library does with tasks of these lengths: of each task its worker and its start. The clock
/// is our own. Tasks end when we say so, one after the other as it tells, and the pool decides who begins what then.
fn placed_by_the_pool(lengths: &[f64], workers: usize, chunk: usize) -> Vec<(ThreadId, f64)> {
    let pool = ThreadPool::new(workers).unwrap();
    let pool = pool.chunk_size(chunk);
    let (say, begun) = mpsc::channel();
    let (end, gates): (Vec<_>, Vec<_>) = lengths.iter().map(|_| mpsc::channel::<()>()).unzip();
    let task = move |(number, gate): (usize, mpsc::Receiver<()>)| {
        say.send((number, thread::current().id())).unwrap();
        gate.recv().unwrap();
    };
    let mut placed = vec![None; lengths.len()];
    thread::scope(|s| {
        s.spawn(|| pool.map(task, gates.into_iter().enumerate()).unwrap());
        let (mut now, mut running) = (0.0, Vec::new());
        let mut chunks_left = lengths.len().div_ceil(chunk);
        let mut beginning = workers.min(chunks_left);
        chunks_left -= beginning;
        loop {
            for _ in 0..beginning {
                let (number, who) = begun.recv().unwrap();
                placed[number] = Some((who, now));
                running.push((now + lengths[number], number));
            }
            running.sort_by(|a, b| b.0.total_cmp(&a.0));
            let Some((at, number)) = running.pop() else { break };
            now = at;
            end[number].send(()).unwrap();
            let goes_on = !(number + 1).is_multiple_of(chunk) && number + 1 < lengths.len();
            beginning = usize::from(goes_on || chunks_left > 0);
            chunks_left -= usize::from(!goes_on && chunks_left > 0);
        }
    });
    placed.into_iter().map(Option::unwrap).collect()
}

#[tokio::test]
async fn the_model_of_a_pool_follows_its_rule() {
    let (server, driver) = (Server::start(), Driver::start());
    let browser = driver.open(false).await;
    browser.goto(&format!("{}/01_sync.html", server.address)).await.unwrap();
    for (n, workers, chunk) in [
        (1, 1, 1),
        (5, 4, 1),
        (5, 4, 2),
        (3, 8, 1),
        (40, 3, 1),
        (50, 4, 3),
        (61, 5, 7),
        (20, 2, 64),
    ] {
        let mut random = fastrand::Rng::with_seed(n);
        let lengths: Vec<f64> = (0..n).map(|_| 0.01 + random.f64()).collect();
        let by_the_pool = placed_by_the_pool(&lengths, workers, chunk);
        let tasks: Vec<Value> = lengths.iter().map(|length| json!([["t", 0, length]])).collect();
        let code = "const { placed, seconds } = manyHands.schedule(...arguments); \
                    return { placed: placed.map(it => [it.task, it.worker, it.start]), seconds }";
        let arguments = vec![json!(tasks), json!(workers), json!(chunk)];
        let model = browser.execute(code, arguments).await.unwrap();
        let mut pairs = BTreeSet::new();
        for placed in model["placed"].as_array().unwrap() {
            let task = placed[0].as_u64().unwrap() as usize;
            let (who, start) = by_the_pool[task];
            let modelled = placed[2].as_f64().unwrap();
            assert!((modelled - start).abs() < 1e-6, "task {task} of {n}: {modelled}, not {start}");
            pairs.insert((placed[1].as_u64().unwrap(), format!("{who:?}")));
        }
        assert_eq!(model["placed"].as_array().unwrap().len(), lengths.len());
        let busy = workers.min(lengths.len().div_ceil(chunk));
        assert_eq!(pairs.len(), busy, "each worker of the model is one of the pool: {pairs:?}");
        let end = by_the_pool.iter().zip(&lengths).map(|((_, start), length)| start + length);
        let (end, modelled) = (end.fold(0.0, f64::max), model["seconds"].as_f64().unwrap());
        assert!((end - modelled).abs() < 1e-6, "{n} tasks end after {modelled}, not {end}");
    }
    browser.close().await.unwrap();
}

/// Which tasks were done by one worker, whichever it was.
fn shared(by_worker: BTreeMap<u64, BTreeSet<u64>>) -> BTreeSet<BTreeSet<u64>> {
    by_worker.into_values().collect()
}

#[tokio::test]
async fn the_model_of_a_pool_does_what_the_pool_did() {
    let (server, driver) = (Server::start(), Driver::start());
    let browser = driver.open(false).await;
    browser.goto(&format!("{}/03_pool.html", server.address)).await.unwrap();
    browser.wait().for_element(Locator::Css(".what-if summary")).await.unwrap();
    let kept = harness::root().join("book/src/timelines/03_pool.json");
    let trace = Trace::read(&kept).unwrap();
    for section in ["map", "imap", "imap_unordered", "imap in chunks of 2"] {
        let part = trace.section(section).unwrap();
        let mut recorded: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
        for span in part.spans() {
            let task = span.task.expect("the recording has the numbers of its tasks").task as u64;
            recorded.entry(span.row as u64).or_default().insert(task);
        }
        let name = format!("03_pool-{}", section.replace(['_', ' '], "-"));
        let figure = figure(&name);
        let summary = format!("{figure} .what-if summary");
        browser.find(Locator::Css(&summary)).await.unwrap().click().await.unwrap();
        let bars = format!("{figure} .what-if g[data-task]");
        browser.wait().for_element(Locator::Css(&bars)).await.unwrap();
        let placed = format!(
            "return [...document.querySelectorAll(\"{bars}\")] \
             .map(bar => [Number(bar.dataset.task), Number(bar.dataset.worker)])"
        );
        let mut modelled: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
        for pair in script(&browser, &placed).await.as_array().unwrap() {
            let (task, worker) = (pair[0].as_u64().unwrap(), pair[1].as_u64().unwrap());
            modelled.entry(worker).or_default().insert(task);
        }
        assert_eq!(shared(modelled), shared(recorded), "{section}: the same tasks go together");

        // The end, as the model says it: `2.51 s`.
        let result = format!("{figure} .what-if-result");
        let seconds = async |part: &str| -> f64 {
            let text = browser.find(Locator::Css(&format!("{result}{part}"))).await.unwrap();
            let text = text.text().await.unwrap();
            text.split(' ').next().unwrap().parse().unwrap()
        };
        let (model, run) = (seconds(" b").await, part.length().as_secs_f64());
        assert!(
            (model / run - 1.0).abs() < 0.03,
            "{section}: {model} s in the model, {run} s in the run"
        );

        // Its sliders: from one worker, which takes the sum, to more than there are tasks.
        let set = async |which: usize, value: usize| {
            let code = format!(
                "const slider = document.querySelectorAll(\"{figure} .what-if input\")[{which}]; \
                 slider.value = {value}; slider.dispatchEvent(new Event('input'))"
            );
            script(&browser, &code).await;
        };
        let lengths: Vec<f64> =
            part.spans().iter().map(|span| span.length().as_secs_f64()).collect();
        set(0, 1).await;
        let (model, sum) = (seconds(" b").await, lengths.iter().sum::<f64>());
        assert!((model - sum).abs() < 0.05, "{section}: {model} s, and {sum} s in all");
        set(0, 64).await;
        set(1, 1).await;
        let (model, longest) = (seconds(" b").await, lengths.iter().copied().fold(0.0, f64::max));
        assert!(
            (model - longest).abs() < 0.05,
            "{section}: {model} s, the longest takes {longest} s"
        );
        let text = browser.find(Locator::Css(&result)).await.unwrap().text().await.unwrap();
        assert!(text.contains("as long as the longest task, 2.50 s (sleep 2.5)"), "{text}");
        set(1, 5).await;
        let text = browser.find(Locator::Css(&result)).await.unwrap().text().await.unwrap();
        assert!(text.contains("the longest chunk"), "all in one chunk: {text}");
    }
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn what_changed_is_folded_and_fits_a_phone() {
    let (server, driver) = (Server::start(), Driver::start());
    let browser = driver.open(true).await;
    browser.set_window_size(390, 800).await.unwrap();
    for (page, diffs) in [("02_process", 1), ("03_pool", 2), ("09_images", 1), ("10_pipeline", 1)] {
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

/// What the buttons of a page are called.
const BUTTONS: &str = "
    return [...document.querySelectorAll('section.run')].map((run) => run.getAttribute('aria-label'));
";

/// What all buttons should be called.
const OFFERED: &str = "
    const done = arguments[0];
    fetch('/-/runs').then((answer) => answer.json())
        .then((offers) => done(offers.map(({ verb, name }) => `${verb} ${name} here`).sort()));
";

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
    let pages = pages();
    // Two browsers, for they have a lot to compute, and a page for each in turn.
    let each = |first| pages.iter().skip(first).step_by(2);
    let (mut barriers, more) = tokio::join!(
        barriers(&driver, &server, &axe, each(0)),
        barriers(&driver, &server, &axe, each(1)),
    );
    barriers.extend(more);
    assert!(barriers.is_empty(), "\n{}", barriers.join("\n"));
}

async fn barriers(
    driver: &Driver,
    server: &Server,
    axe: &str,
    pages: impl Iterator<Item = &String>,
) -> Vec<String> {
    let browser = driver.open(false).await;
    let mut barriers = Vec::new();
    for page in pages {
        browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
        browser.execute(axe, Vec::new()).await.unwrap();
        // Folded text counts, too, but not the long tables beside pictures: they are all alike.
        browser.execute(UNFOLD, Vec::new()).await.unwrap();
        for theme in ["light", "rust", "coal", "navy", "ayu"] {
            let found = browser.execute_async(BARRIERS, vec![json!(theme)]).await.unwrap();
            for barrier in found.as_array().unwrap() {
                barriers.push(format!("{page}, {theme}: {}", barrier.as_str().unwrap()));
            }
        }
    }
    browser.close().await.unwrap();
    barriers
}

const UNFOLD: &str = "for (const folded of document.querySelectorAll('main details:not(.mh-table)')) folded.open = true";

/// What axe-core finds in a theme. Only of the page's own text: mdBook's menus are mdBook's. What does not
/// depend on colours is looked at once.
const BARRIERS: &str = "
    const [theme, done] = arguments;
    document.getElementById(`mdbook-theme-${theme}`).click();
    const colours = ['color-contrast', 'link-in-text-block'];
    const only = theme === 'light' ? {} : { runOnly: { type: 'rule', values: colours } };
    const has_come = () => [...document.querySelectorAll('link[rel=stylesheet]')]
        .every((link) => link.disabled || link.sheet);
    const drawn = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const ready = async () => {
        do await drawn(); while (!has_come());
        await document.fonts.ready;
        await drawn();
    };
    ready().then(() => axe.run('main', { resultTypes: ['violations'], ...only })).then(({ violations }) => done(
        violations.flatMap(({ id, nodes }) => nodes.map(
            (node) => `${id}: ${node.target} ${node.any.map((check) => check.message)}`))));
";
