//! What is built while the reader still reads, and that it stands in nobody's way.

use std::fs;
use std::path::Path;
use std::process::Command;

use harness::{is_alive, wait_for, wait_until};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::asking::{Asking, text_in};
use crate::server::Server;

/// A clone whose steps are recorded in this order. `slow` is a step of a package that is never
/// built to its end: its build script says who it is, and stays.
fn clone(steps: &[&str]) -> TempDir {
    let clone = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = clone.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"small\"\nedition = \"2024\"\n\
         [workspace]\nmembers = [\"stays\"]\ndefault-members = [\".\", \"stays\"]\n",
    );
    write("stays/Cargo.toml", "[package]\nname = \"stays\"\nedition = \"2024\"\n");
    write(
        "stays/build.rs",
        "fn main() {
            let mine = concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/pid\");
            std::fs::write(mine, std::process::id().to_string()).unwrap();
            loop { std::thread::park() }
        }",
    );
    write("stays/examples/slow.rs", "fn main() {}\n");
    write("book/book.toml", "[book]\ntitle = \"Small\"\n");
    write("book/src/SUMMARY.md", "- [One](one.md)\n");
    write("book/src/one.md", "# One\n");
    let recording = |step: &&str| format!("[[recording]]\nname = \"{step}\"\nstep = \"{step}\"\n");
    write("book/recordings.toml", &steps.iter().map(recording).collect::<String>());
    for step in steps.iter().filter(|step| **step != "slow") {
        let text = if *step == "broken" { "fn main() { nothing }" } else { "fn main() {}" };
        write(&format!("examples/{step}.rs"), text);
    }
    clone
}

fn serve(clone: &Path) -> Asking {
    let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
    command.arg("--root").arg(clone);
    Asking::to(Server::start_warm(command))
}

#[test]
fn steps_are_built_before_they_are_asked_for_even_after_one_that_does_not_compile() {
    let clone = clone(&["first", "broken", "second"]);
    let _server = serve(clone.path());
    for step in ["first", "second"] {
        let program = clone.path().join("target/debug/examples").join(step);
        wait_until(step, || program.exists());
    }
}

#[test]
fn a_run_waits_for_nothing_that_is_built_in_advance() {
    let clone = clone(&["slow", "wanted", "later"]);
    let server = serve(clone.path());
    let said = clone.path().join("stays/pid");
    let script: u32 =
        wait_for("the slow one is being built", || fs::read_to_string(&said).ok()?.parse().ok());
    let events: Vec<Value> = server.run("wanted", json!({})).collect();
    assert_eq!(events.last().unwrap()["success"], true, "{}", text_in(&events, "build"));
    wait_until("what was built in advance is gone", || !is_alive(script));
    // From then on cargo is the reader's: whatever runs next finds nothing else built.
    let events: Vec<Value> = server.run("wanted", json!({})).collect();
    assert_eq!(events.last().unwrap()["success"], true);
    assert!(!clone.path().join("target/debug/examples/later").exists());
}

#[test]
fn what_is_built_in_advance_ends_with_the_server() {
    let clone = clone(&["slow", "later"]);
    let server = serve(clone.path());
    let said = clone.path().join("stays/pid");
    let script: u32 =
        wait_for("the slow one is being built", || fs::read_to_string(&said).ok()?.parse().ok());
    server.server.end();
    wait_until("it is gone", || !is_alive(script));
}
