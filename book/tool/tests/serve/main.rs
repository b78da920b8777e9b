//! The book as `cargo book` serves it: to a browser, and to strangers.

mod asking;
mod edit;
#[path = "../server/mod.rs"]
mod server;
mod warm;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use asking::{Asking, text_in};
use harness::{Child, children, is_alive, wait_until};
use serde_json::{Value, json};
use server::Server;
use tempfile::TempDir;
use ureq::http::StatusCode;

#[test]
fn a_page_has_the_script_and_loads_nothing_from_elsewhere() {
    let server = Asking::start();
    let page = server.get("/03_pool.html");
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self';"), "{policy}");
    assert_eq!(server.token().len(), 64);
    assert!(server.page("/-/live.js").contains("EventSource"));
    for outside in
        ["/../Cargo.toml", "/%2e%2e/%2e%2e/Cargo.toml", "/..%2f..%2fCargo.toml", "//etc/passwd"]
    {
        assert_eq!(server.get(outside).status(), StatusCode::NOT_FOUND, "{outside}");
    }
}

#[test]
fn a_run_streams_what_it_prints_and_ends_with_two_timelines() {
    let server = Asking::start();
    let events: Vec<Value> = server.run("01_sync", json!({ "seconds": 0.1 })).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    let start = kinds.iter().position(|kind| *kind == "start").expect("it starts");
    assert!(kinds[..start].iter().all(|kind| matches!(*kind, "build" | "progress")), "{kinds:?}");
    assert_eq!(kinds.last(), Some(&"end"));
    let output: String = events.iter().filter_map(|event| event["text"].as_str()).collect();
    assert!(
        output.contains("Timeline: target/timelines/01_sync.json"),
        "as in a terminal: {output}"
    );
    assert_eq!(output.matches("Sleeping 0.1 second(s)...\nDone sleeping\n").count(), 1, "{output}");
    let end = events.last().unwrap();
    assert_eq!((end["success"].as_bool(), end["how"].as_str()), (Some(true), Some("exit code 0")));
    let figures = end["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 1);
    for whose in ["mine", "recorded"] {
        let svg = figures[0][whose].as_str().unwrap();
        assert!(svg.contains(">2.00 s</text>"), "{whose}: both to the scale of the longer: {svg}");
    }
    // If a step has several parts, each has its pair.
    let pool =
        server.run("03_pool", json!({ "seconds": 0.01, "kind": "processes" })).last().unwrap();
    assert!(pool["figures"].as_array().unwrap().len() > 1, "{pool}");
}

#[test]
fn strangers_and_nonsense_are_refused_with_a_clear_status() {
    let server = Asking::start();
    let sync = json!({ "name": "01_sync" });
    let port = server.server.address.rsplit(':').next().unwrap().to_owned();
    let evil = format!("evil.example:{port}");
    let refused = [
        (sync.clone(), vec![("origin", "http://evil.example")], StatusCode::FORBIDDEN),
        (sync.clone(), vec![("origin", "null")], StatusCode::FORBIDDEN),
        (sync.clone(), vec![("origin", "")], StatusCode::FORBIDDEN),
        (sync.clone(), vec![("host", &*evil)], StatusCode::MISDIRECTED_REQUEST),
        (sync.clone(), vec![("x-book-token", "")], StatusCode::UNAUTHORIZED),
        (sync.clone(), vec![("x-book-token", "guessed")], StatusCode::UNAUTHORIZED),
        (sync, vec![("content-type", "text/plain")], StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (json!({ "name": "no_such_step" }), vec![], StatusCode::NOT_FOUND),
        (json!({ "name": "../01_sync" }), vec![], StatusCode::NOT_FOUND),
        (json!({ "name": "bench-pool" }), vec![], StatusCode::NOT_FOUND),
        (json!({ "name": "challenge 99_none" }), vec![], StatusCode::NOT_FOUND),
        (json!({ "name": "challenge ../02_join_all" }), vec![], StatusCode::NOT_FOUND),
        (
            json!({ "name": "challenge 02_join_all", "choices": { "seconds": 1 } }),
            vec![],
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (json!({ "name": "x".repeat(5000) }), vec![], StatusCode::PAYLOAD_TOO_LARGE),
        (json!({ "name": "01_sync", "command": "ls" }), vec![], StatusCode::UNPROCESSABLE_ENTITY),
        (
            json!({ "name": "01_sync", "choices": { "seconds": 9 } }),
            vec![],
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({ "name": "01_sync", "choices": { "seconds": "1" } }),
            vec![],
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({ "name": "01_sync", "choices": { "timeline": "/tmp/x" } }),
            vec![],
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({ "name": "03_pool", "choices": { "workers": 2.5 } }),
            vec![],
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({ "name": "03_pool", "choices": { "workers": 1e9 } }),
            vec![],
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({ "name": "03_pool", "choices": { "kind": "; ls" } }),
            vec![],
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ];
    for (body, headers, status) in refused {
        let answer = server.wish(&body, &headers);
        assert_eq!(answer.status(), status, "{body} {headers:?}");
        assert!(!answer.into_body().read_to_string().unwrap().is_empty(), "it says why");
    }
    let foreign =
        server.agent.get(format!("{}/index.html", server.server.address)).header("host", evil);
    let answer = foreign.call().unwrap();
    assert_eq!(
        answer.status(),
        StatusCode::MISDIRECTED_REQUEST,
        "no page for a foreign name either"
    );
    assert_eq!(server.server.steps(), [0; 0], "nothing has run");
}

#[test]
fn a_second_run_waits_and_the_first_ends_with_its_page() {
    let server = Asking::start();
    let mut events =
        server.run("03_pool", json!({ "seconds": 5, "kind": "processes", "workers": 1 }));
    events.find(|event| event["event"] == "start").expect("it starts");
    wait_until("the step runs", || server.server.steps().len() == 1);
    let step = server.server.steps()[0];
    wait_until("its worker runs", || children(step).len() == 1);
    let worker = children(step)[0];

    let second = server.wish(&json!({ "name": "01_sync" }), &[]);
    assert_eq!(second.status(), StatusCode::CONFLICT);
    let why = second.into_body().read_to_string().unwrap();
    assert!(why.starts_with("03_pool is still running"), "it is named: {why}");

    drop(events); // Stop, or a closed window: the page lets go
    wait_until("the step is gone", || server.server.steps().is_empty());
    wait_until("its worker is gone", || !is_alive(worker));
    wait_until("the turn is free", || {
        let quick = json!({ "name": "01_sync", "choices": { "seconds": 0 } });
        server.wish(&quick, &[]).status() == StatusCode::OK
    });
}

#[test]
fn a_run_is_stopped_from_another_tab() {
    let server = Asking::start();
    let mut events = server.run("01_sync", json!({ "seconds": 5 }));
    events.find(|event| event["event"] == "start").expect("it starts");
    let stop = server.agent.post(format!("{}/-/stop", server.server.address));
    let stop = stop.header("origin", &server.server.address);
    let refused = stop.send("{}").unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "strangers stop nothing");
    let stop = server.agent.post(format!("{}/-/stop", server.server.address));
    let stop = stop.header("origin", &server.server.address).header("x-book-token", server.token());
    assert_eq!(stop.send("{}").unwrap().status(), StatusCode::OK);
    let end = events.last().unwrap();
    assert_eq!(
        (end["event"].as_str(), end["success"].as_bool()),
        (Some("end"), Some(false)),
        "{end}"
    );
}

fn book() -> Command {
    Command::new(env!("CARGO_BIN_EXE_book"))
}

/// A clone in miniature, whose steps do what those of the book never should.
fn small_clone() -> TempDir {
    let clone = tempfile::tempdir().unwrap();
    let files = [
        ("Cargo.toml", "[package]\nname = \"small\"\nedition = \"2024\"\n[workspace]\n"),
        ("book/book.toml", "[book]\ntitle = \"Small\"\n"),
        ("book/src/SUMMARY.md", "- [One](one.md)\n"),
        ("book/src/one.md", "# One\n\nAs it was.\n"),
        (
            "book/recordings.toml",
            "[[recording]]\nname = \"endless\"\nstep = \"endless\"\n\
             [[recording]]\nname = \"talker\"\nstep = \"talker\"\n\
             [[recording]]\nname = \"broken\"\nstep = \"broken\"\n",
        ),
        (
            "examples/endless.rs",
            "fn main() {
                let child = std::process::Command::new(\"sleep\").arg(\"1000\").spawn().unwrap();
                println!(\"child {}\", child.id());
                loop { std::thread::park(); }
            }",
        ),
        (
            "examples/talker.rs",
            "fn main() { for _ in 0..100_000 { println!(\"<b>thirty bytes in every line\") } }",
        ),
        ("examples/broken.rs", "fn main() { let n: u32 = \"seven\"; }"),
    ];
    for (name, text) in files {
        let file = clone.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    clone
}

#[test]
fn a_run_ends_at_its_limit_with_all_that_it_started() {
    let clone = small_clone();
    let mut command = book();
    command.arg("--root").arg(clone.path()).args(["--limit", "1"]);
    let server = Asking::to(Server::start_with(command));
    let events: Vec<Value> = server.run("endless", json!({})).collect();
    let output = text_in(&events, "output");
    let child = output.trim().strip_prefix("child ").unwrap_or_else(|| panic!("{events:?}"));
    let end = events.last().unwrap();
    assert_eq!(end["how"], "stopped: it ran for more than 1 s");
    assert_eq!(end["success"], false);
    let child: u32 = child.parse().unwrap();
    wait_until("what it started is gone", || !is_alive(child));
}

#[test]
fn output_is_capped_and_a_compile_error_is_shown_as_such() {
    let clone = small_clone();
    let mut command = book();
    command.arg("--root").arg(clone.path());
    let server = Asking::to(Server::start_with(command));
    let events: Vec<Value> = server.run("talker", json!({})).collect();
    assert_eq!(text_in(&events, "output").len(), 1 << 20);
    let capped = events.iter().find(|event| event["event"] == "capped").expect("it says so");
    assert_eq!(capped["bytes"], 1 << 20);
    assert_eq!(events.last().unwrap()["success"], true, "it was not held up");

    let events: Vec<Value> = server.run("broken", json!({})).collect();
    let last = events.last().unwrap();
    assert_eq!(last["event"], "broken");
    let said = last["text"].as_str().unwrap();
    assert!(said.contains("E0308") && said.contains("examples/broken.rs:1"), "{said}");
    assert!(!events.iter().any(|event| event["event"] == "start"), "nothing has run");
}

#[test]
fn a_changed_chapter_is_built_again_and_its_pages_are_told() {
    let clone = small_clone();
    let mut command = book();
    command.arg("--root").arg(clone.path());
    let server = Asking::to(Server::start_with(command));
    assert!(server.page("/one.html").contains("As it was."));
    let told = server.get("/-/changes");
    assert_eq!(told.status(), StatusCode::OK);
    let mut lines = BufReader::new(told.into_body().into_reader()).lines().map(Result::unwrap);
    let mut event = || {
        let name = lines.find(|line| line.starts_with("event:")).unwrap();
        (name, lines.next().unwrap())
    };
    let (first, build) = event();
    assert_eq!(first, "event: built", "it says at once which build is shown");
    fs::write(clone.path().join("book/src/one.md"), "# One\n\nAs it is now.\n").unwrap();
    let (second, other) = event();
    assert_eq!(second, "event: built");
    assert_ne!(build, other);
    assert!(server.page("/one.html").contains("As it is now."));

    // What does not build is told, and the pages stay as they are.
    fs::write(clone.path().join("book/book.toml"), "what is no TOML").unwrap();
    let (third, why) = event();
    assert_eq!(third, "event: broken");
    assert!(why.contains("cannot read the book"), "{why}");
    assert!(server.page("/one.html").contains("As it is now."));
}

#[test]
fn a_challenge_is_checked_on_the_readers_own_file() {
    let mine = tempfile::tempdir().unwrap();
    let mut command = book();
    command.env("CHALLENGES", mine.path());
    let server = Asking::to(Server::start_with(command));
    let name = "02_join_all";
    let check = || -> Vec<Value> { server.run(&format!("challenge {name}"), json!({})).collect() };
    let events = check();
    assert_eq!(events.last().unwrap()["how"], "not yet", "{events:#?}");
    let output = text_in(&events, "output");
    assert!(output.contains("still says todo!("), "it says where to begin: {output}");

    let solution = format!("lessons/challenges/exercises/{name}/solution.rs");
    let answer = mine.path().join(format!("{name}.rs"));
    assert!(answer.exists(), "the stub");
    fs::copy(harness::root().join(solution), answer).unwrap();
    let events = check();
    let end = events.last().unwrap();
    assert_eq!((end["how"].as_str(), end["success"].as_bool()), (Some("done"), Some(true)));
}

#[test]
fn a_wrong_address_gets_a_page_that_leads_on() {
    let server = Asking::start();
    let address = format!("{}/no-such-page.html", server.server.address);
    let answer = server.agent.get(&address).header("accept", "text/html,*/*").call().unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let page = answer.into_body().read_to_string().unwrap();
    for part in ["data-search", "href=\"01_sync.html\">1. ", "href=\"11_cluster.html\">11. "] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let plain = server.agent.get(&address).call().unwrap();
    assert_eq!(plain.status(), StatusCode::NOT_FOUND);
    assert!(plain.into_body().read_to_string().unwrap().contains("no such page"));
}

#[test]
fn the_progress_page_learns_what_cargo_challenge_has_kept() {
    let mine = tempfile::tempdir().unwrap();
    let mut command = book();
    command.env("CHALLENGES", mine.path());
    let server = Asking::to(Server::start_with(command));
    assert_eq!(server.page("/-/progress"), "");
    fs::write(mine.path().join("progress.txt"), "# mine\n03_imap\n").unwrap();
    assert!(server.page("/-/progress").contains("\n03_imap\n"));
}

#[test]
fn a_port_that_is_taken_is_passed_over() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut command = book();
    command.args(["--no-open", "--no-warm-up", "--port", &port.to_string()]).stdout(Stdio::piped());
    let mut program = Child::start(&mut command).unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout()).read_line(&mut line).unwrap();
    let told = line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split(' ').next());
    let told: u16 = told.unwrap_or_else(|| panic!("it said {line:?}")).parse().unwrap();
    assert!(told > port && told <= port + 20, "{told} in place of {port}");
}
