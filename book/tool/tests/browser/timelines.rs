//! Timelines that a reader looks into, and schedules again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;
use std::thread::{self, ThreadId};

use fantoccini::Locator;
use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use fantoccini::key::Key;
use hands::pool::ThreadPool;
use hands::timeline::Trace;
use serde_json::{Value, json};

use crate::driver::{Driver, figure, key, script};
use crate::server::Server;

#[tokio::test]
async fn a_timeline_can_be_looked_into_with_the_pointer_and_with_keys() {
    let (server, driver) = (Server::shared(), Driver::start());
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
    let computes = lines.get(4).is_none_or(|line| line.starts_with("computes"));
    assert!(lines.len() >= 4 && computes, "{text}");
    assert_eq!(lines[0], task);
    assert!(rest.starts_with(&lines[1]["worker ".len()..]), "{text}");
    assert!(lines[2].starts_with("starts at") && lines[3].starts_with("takes"), "{text}");
    let away = PointerAction::MoveTo { duration: None, x: 5.0, y: 300.0 };
    browser.perform_actions(MouseActions::new("mouse".to_owned()).then(away)).await.unwrap();
    assert_eq!(script(&browser, &shown).await, json!(""), "it goes with the pointer");

    // One stop for Tab; from there the arrows lead to every bar and mark, and the box follows.
    let stops =
        format!("return document.querySelectorAll(\"{map} > svg.mh-wide [tabindex='0']\").length");
    assert_eq!(script(&browser, &stops).await, json!(1));
    script(
        &browser,
        &format!("document.querySelector(\"{map} > svg.mh-wide [tabindex='0']\").focus()"),
    )
    .await;
    let focused = "return document.activeElement.getAttribute('aria-label')";
    let (mut seen, mut rows_of_two) = (BTreeSet::new(), 0);
    for _ in 0..5 {
        let name = script(&browser, focused).await.as_str().unwrap().to_owned();
        let first = name.split(',').next().unwrap().to_owned();
        let text = script(&browser, &shown).await;
        assert!(text.as_str().unwrap().starts_with(&first), "{text} is about {name}");
        key(&browser, Key::Right).await;
        if script(&browser, focused).await != json!(name) {
            rows_of_two += usize::from(name.contains("worker"));
            key(&browser, Key::Left).await;
        }
        assert_eq!(script(&browser, focused).await, json!(name), "Left leads back");
        seen.insert(name);
        key(&browser, Key::Down).await;
    }
    assert_eq!(rows_of_two, 1, "five tasks, four workers");
    assert_eq!(seen.len(), 5, "main's mark, and a bar of each worker: {seen:?}");
    key(&browser, Key::End).await;
    assert!(script(&browser, focused).await.as_str().unwrap().contains("worker 4"));
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

/// What a pool of the library does with tasks of these lengths: the worker of each task, and its
/// start. The clock is our own: tasks end when it says so, one by one, and the pool decides who
/// starts what.
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
    let (server, driver) = (Server::shared(), Driver::start());
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

/// Which tasks had the same worker, whichever it was.
fn shared(by_worker: BTreeMap<u64, BTreeSet<u64>>) -> BTreeSet<BTreeSet<u64>> {
    by_worker.into_values().collect()
}

#[tokio::test]
async fn the_model_of_a_pool_does_what_the_pool_did() {
    let (server, driver) = (Server::shared(), Driver::start());
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

        // When the model ends: `2.51 s`.
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

        // The sliders: from one worker, which takes the sum, to more workers than tasks.
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
async fn a_picture_and_its_bars_lead_to_each_other() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    browser.goto(&format!("{}/10_pipeline.html", server.address)).await.unwrap();
    let bars = "figure.timeline > svg.mh-wide g[aria-label]";
    browser.wait().for_element(Locator::Css(bars)).await.unwrap();
    let focus = "document.querySelector('.mh-pictures button[data-picture=half-moon]').focus()";
    script(&browser, focus).await;
    let marked = "return [...document.querySelectorAll('svg.mh-wide .mh-same')].map(bar => \
                  bar.getAttribute('aria-label').split(',')[0])";
    let marked: BTreeSet<String> = serde_json::from_value(script(&browser, marked).await).unwrap();
    let expected =
        ["download half-moon.png", "process half-moon.png", "save processed_half-moon.png"];
    assert_eq!(marked.iter().map(String::as_str).collect::<Vec<_>>(), expected);

    let focused = "const it = document.activeElement; return it.dataset.picture ?? it.getAttribute('aria-label')";
    key(&browser, Key::Enter).await;
    let bar = script(&browser, focused).await;
    assert!(bar.as_str().is_some_and(|bar| bar.contains("half-moon.png, ")), "{bar}");
    let shown = "return document.querySelectorAll('.mh-box:not([hidden]) img').length";
    assert_eq!(script(&browser, shown).await, json!(2), "the original and its thumbnail");
    key(&browser, Key::Enter).await;
    assert_eq!(script(&browser, focused).await, json!("half-moon"));
    script(&browser, "document.activeElement.blur()").await;
    let rest = "return document.querySelectorAll('.mh-same, .mh-pale').length";
    assert_eq!(script(&browser, rest).await, json!(0));
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_slider_steps_through_a_schedule() {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    browser.goto(&format!("{}/07e_prove.html", server.address)).await.unwrap();
    let lost = figure("07e_prove-lost-update");
    browser.wait().for_element(Locator::Css(&format!("{lost} .mh-steps"))).await.unwrap();
    let shown = async |figure: &str, step: &str| -> Vec<String> {
        let code = format!(
            "const figure = document.querySelector(\"{figure}\"); \
             const slider = figure.querySelector('.mh-steps input'); slider.value = {step}; \
             slider.dispatchEvent(new Event('input')); \
             const text = (part) => [...figure.querySelectorAll(part)].map((it) => it.textContent); \
             const bars = 'svg g[data-from]:not(.mh-later, [data-variable]) text'; \
             return [text('.mh-steps [role=status]'), text('.mh-values > div'), text(bars)].map((it) => it.join(' '))"
        );
        serde_json::from_value(script(&browser, &code).await).unwrap()
    };
    assert_eq!(shown(&lost, "0").await[..2], ["nothing has happened yet", "count =41"]);
    assert_eq!(shown(&lost, "2").await[1..], ["count =41", "load 41 load 41"]);
    let third = shown(&lost, "3").await;
    assert!(third[0].starts_with("3: thread ") && third[0].ends_with(", store 42"), "{third:?}");
    assert_eq!(third[1], "count =42");
    assert!(third[2].contains("load 41") && third[2].contains("store 42"), "{third:?}");
    assert!(shown(&lost, "5").await[2].contains("load 42"), "what main finds");

    // One that is wider than the page follows its slider.
    let queue = figure("07e_prove-queue");
    let scrolled = format!("return document.querySelector(\"{queue}\").scrollLeft > 0");
    assert_eq!(script(&browser, &scrolled).await, json!(false), "it begins at its beginning");
    shown(&queue, "1000").await; // its last
    assert_eq!(script(&browser, &scrolled).await, json!(true));
    shown(&queue, "0").await;
    assert_eq!(script(&browser, &scrolled).await, json!(false));
    browser.close().await.unwrap();
}
