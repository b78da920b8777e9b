//! What a page may edit, and what becomes of it: the scratch copy of a step, the answer to a
//! challenge, and whoever asks for something else.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::http::StatusCode;

use crate::asking::{self, Asking, text_in};
use crate::server::Server;

/// A clone in miniature: a step of one file and one of two, which use a crate beside them. That one
/// uses another crate, called as a module of the second step.
fn small_clone() -> TempDir {
    let clone = tempfile::tempdir().unwrap();
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"small\"\nedition = \"2024\"\n[workspace]\nmembers = [\"helper\", \"words\"]\n\
             [features]\nloud = []\ndefault = [\"loud\"]\n[dependencies]\nhelper = { path = \"helper\" }\n",
        ),
        ("src/lib.rs", "pub fn own() -> u32 { 1 }"),
        (
            "helper/Cargo.toml",
            "[package]\nname = \"helper\"\nedition = \"2024\"\n[dependencies]\nwords = { path = \"../words\" }\n",
        ),
        ("helper/src/lib.rs", "pub fn word() -> &'static str { words::WORD }"),
        ("words/Cargo.toml", "[package]\nname = \"words\"\nedition = \"2024\"\n"),
        ("words/src/lib.rs", "pub const WORD: &str = \"from the helper\";"),
        ("book/book.toml", "[book]\ntitle = \"Small\"\n"),
        ("book/src/SUMMARY.md", "- [One](one.md)\n"),
        ("book/src/one.md", "# One\n"),
        (
            "book/recordings.toml",
            "[[recording]]\nname = \"one\"\nstep = \"one\"\n\
             [[recording]]\nname = \"two\"\nstep = \"two\"\n",
        ),
        ("examples/one.rs", ONE),
        ("examples/two/main.rs", "mod words;\nfn main() { println!(\"{}\", words::said()) }\n"),
        ("examples/two/words.rs", "pub fn said() -> &'static str { helper::word() }\n"),
    ];
    for (name, text) in files {
        let file = clone.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    clone
}

const ONE: &str = "// ANCHOR: main\nfn main() {\n    println!(\"as it was, {} {}\", small::own(), cfg!(feature = \"loud\"));\n}\n// ANCHOR_END: main\n";

fn serve(clone: &Path) -> Asking {
    let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
    command.arg("--root").arg(clone).env_remove("CHALLENGES");
    Asking::to(Server::start_with(command))
}

impl Asking {
    fn source(&self, name: &str) -> Value {
        let answer = self.post("/-/source", &json!({ "name": name }), &[]);
        assert_eq!(answer.status(), StatusCode::OK, "{name}");
        let mut source: Value = serde_json::from_reader(answer.into_body().into_reader()).unwrap();
        source["files"].take()
    }

    /// Saves a file, and says how that went: the status, and the new version or the reason.
    fn save(&self, name: &str, file: &str, text: &str, version: &Value) -> (StatusCode, String) {
        let edit = json!({ "name": name, "file": file, "text": text, "version": version });
        let answer = self.post("/-/save", &edit, &[]);
        let status = answer.status();
        let body = answer.into_body().read_to_string().unwrap();
        let version = serde_json::from_str::<Value>(&body).ok();
        let version = version.and_then(|it| Some(it["version"].as_str()?.to_owned()));
        (status, version.unwrap_or(body))
    }

    fn run_copy(&self, name: &str) -> Vec<Value> {
        let answer = self.wish(&json!({ "name": name, "scratch": true }), &[]);
        assert_eq!(answer.status(), StatusCode::OK);
        asking::events(answer).collect()
    }
}

#[test]
fn a_scratch_copy_is_compiled_like_the_step_and_leaves_it_alone() {
    let clone = small_clone();
    let server = serve(clone.path());
    let files = server.source("one");
    assert_eq!(files[0]["name"], "one.rs");
    let original = files[0]["text"].as_str().unwrap();
    assert!(original.starts_with("fn main() {") && !original.contains("ANCHOR"), "{original}");

    let mine = original.replace("as it was", "as I like it");
    let (status, version) = server.save("one", "one.rs", &mine, &files[0]["version"]);
    assert_eq!(status, StatusCode::OK);
    let events = server.run_copy("one");
    assert_eq!(text_in(&events, "output"), "as I like it, 1 true\n", "{events:#?}");
    let start = events.iter().find(|event| event["event"] == "start").unwrap();
    assert_eq!(start["command"], "your copy of one");
    let example = fs::read_to_string(clone.path().join("examples/one.rs")).unwrap();
    assert_eq!(example, ONE, "the step is as it was");
    let events: Vec<Value> = server.run("one", json!({})).collect();
    assert_eq!(text_in(&events, "output"), "as it was, 1 true\n", "and so is what Run runs");

    // The compiler's lines are those of the editor.
    let wrong = mine.replace("    println", "    let n: u32 = \"\";\n    println");
    let (_, version) = server.save("one", "one.rs", &wrong, &json!(version));
    let events = server.run_copy("one");
    let last = events.last().unwrap();
    assert_eq!(last["event"], "broken");
    let said = last["text"].as_str().unwrap();
    assert!(said.contains("error[E0308]") && said.contains("--> one.rs:2:18"), "{said}");

    // What is again as in the book is no copy any more, so that it follows the book.
    let (status, version) = server.save("one", "one.rs", original, &json!(version));
    assert_eq!((status, &*version), (StatusCode::OK, ""));
    assert!(!clone.path().join("target/scratch/one/one.rs").exists());
}

#[test]
fn a_step_of_several_files_is_edited_file_by_file() {
    let clone = small_clone();
    let server = serve(clone.path());
    let files = server.source("two");
    let names: Vec<_> = files.as_array().unwrap().iter().map(|file| &file["name"]).collect();
    assert_eq!(names, ["main.rs", "words.rs"]);
    let events = server.run_copy("two");
    assert_eq!(text_in(&events, "output"), "from the helper\n", "nothing is changed yet");
    let mine = "pub fn said() -> &'static str { \"from me\" }\n";
    let (status, _) = server.save("two", "words.rs", mine, &files[1]["version"]);
    assert_eq!(status, StatusCode::OK);
    assert_eq!(text_in(&server.run_copy("two"), "output"), "from me\n");
}

#[test]
fn nothing_is_overwritten_that_the_page_has_not_seen() {
    let clone = small_clone();
    let server = serve(clone.path());
    let file = &server.source("one")[0];
    let (status, first) = server.save("one", "one.rs", "fn main() {}", &file["version"]);
    assert_eq!(status, StatusCode::OK);
    let copy = clone.path().join(file["place"].as_str().unwrap());
    fs::write(&copy, "// from another editor\n").unwrap();
    let (status, why) = server.save("one", "one.rs", "// from the page\n", &json!(first));
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(why.contains("target/scratch/one/one.rs has changed on disk"), "{why}");
    assert_eq!(fs::read_to_string(&copy).unwrap(), "// from another editor\n");
    // Whoever has seen it may replace it.
    let seen = &server.source("one")[0];
    assert_eq!(seen["text"], "// from another editor\n");
    let (status, _) = server.save("one", "one.rs", "// from the page\n", &seen["version"]);
    assert_eq!(status, StatusCode::OK);
    // Nor is a file overwritten where the page knows of none.
    let (status, _) = server.save("one", "one.rs", "fn main() {}", &json!(""));
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(fs::read_to_string(&copy).unwrap(), "// from the page\n");
}

#[test]
fn an_answer_is_edited_in_the_readers_own_file_and_checked_there() {
    let mine = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
    command.env("CHALLENGES", mine.path());
    let server = Asking::to(Server::start_with(command));
    let name = "challenge 02_join_all";
    let file = &server.source(name)[0];
    let answer = mine.path().join("02_join_all.rs");
    assert!(file["text"].as_str().unwrap().contains("todo!("), "the beginning: {file}");
    assert!(!answer.exists(), "looking makes no file");
    let home = harness::root().join("lessons/challenges/exercises/02_join_all");
    let solution = fs::read_to_string(home.join("solution.rs")).unwrap();
    let (status, _) = server.save(name, "02_join_all.rs", &solution, &file["version"]);
    assert_eq!(status, StatusCode::OK);
    assert_eq!(fs::read_to_string(&answer).unwrap(), solution);
    let end = server.run(name, json!({})).last().unwrap();
    assert_eq!(end["how"], "done", "{end}");
    fs::write(&answer, [0xff]).unwrap();
    let refused = server.post("/-/source", &json!({ "name": name }), &[]);
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "it isn't text");
}

#[test]
fn strangers_paths_and_floods_are_refused_with_a_clear_status() {
    let clone = small_clone();
    let server = serve(clone.path());
    let edit = |name: &str, file: &str| json!({ "name": name, "file": file, "text": "fn main() {}", "version": "" });
    let good = edit("one", "one.rs");
    let long =
        json!({ "name": "one", "file": "one.rs", "text": "x".repeat(300 << 10), "version": "" });
    let refused = [
        (&good, ("origin", "http://evil.example"), StatusCode::FORBIDDEN),
        (&good, ("origin", "null"), StatusCode::FORBIDDEN),
        (&good, ("origin", ""), StatusCode::FORBIDDEN),
        (&good, ("host", "evil.example"), StatusCode::MISDIRECTED_REQUEST),
        (&good, ("x-book-token", ""), StatusCode::UNAUTHORIZED),
        (&good, ("x-book-token", "guessed"), StatusCode::UNAUTHORIZED),
        (&good, ("content-type", "text/plain"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&edit("../examples/one", "one.rs"), ("", ""), StatusCode::NOT_FOUND),
        (&edit("three", "three.rs"), ("", ""), StatusCode::NOT_FOUND),
        (&edit("challenge ../x", "x.rs"), ("", ""), StatusCode::NOT_FOUND),
        (&edit("one", "../one.rs"), ("", ""), StatusCode::NOT_FOUND),
        (&edit("one", "../../../examples/one.rs"), ("", ""), StatusCode::NOT_FOUND),
        (&edit("one", "/tmp/one.rs"), ("", ""), StatusCode::NOT_FOUND),
        (&edit("one", "two.rs"), ("", ""), StatusCode::NOT_FOUND),
        (&long, ("", ""), StatusCode::PAYLOAD_TOO_LARGE),
        (&json!({ "name": "one", "path": "/tmp/x" }), ("", ""), StatusCode::UNPROCESSABLE_ENTITY),
        (
            &json!({ "name": "one", "file": "one.rs", "text": 7 }),
            ("", ""),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ];
    for (body, (header, value), status) in refused {
        let headers = [(header, value)];
        let headers = if header.is_empty() { &[][..] } else { &headers };
        let answer = server.post("/-/save", body, headers);
        let shown = body.to_string();
        let shown = &shown[..shown.len().min(120)];
        assert_eq!(answer.status(), status, "{shown} {header}: {value}");
        assert!(!answer.into_body().read_to_string().unwrap().is_empty(), "it says why");
    }
    for path in ["/-/source", "/-/compare"] {
        let answer = server.post(path, &json!({}), &[("x-book-token", "guessed")]);
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(server.get(path).status(), StatusCode::NOT_FOUND, "{path} is not read");
    }
    let wish = json!({ "name": "challenge 02_join_all", "scratch": true });
    let status = server.wish(&wish, &[]).status();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a check is of the reader's own file");
    assert!(!clone.path().join("target/scratch").exists(), "nothing was written");
    assert_eq!(fs::read_to_string(clone.path().join("examples/one.rs")).unwrap(), ONE);
}

#[test]
fn what_changed_comes_as_the_book_shows_it_with_nothing_of_it_taken_for_html() {
    let clone = small_clone();
    let server = serve(clone.path());
    let texts = json!({ "old": "a\nb\n", "new": "a\n<script>\n" });
    let html = server.post("/-/compare", &texts, &[]).into_body().read_to_string().unwrap();
    assert!(html.contains("<del>− b\n</del><ins>+ &lt;script&gt;\n</ins>"), "{html}");
}
