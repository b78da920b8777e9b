//! The preprocessor as plain `mdbook build book` starts it.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

#[test]
fn plain_mdbook_fills_in_what_chapters_leave_to_the_build() {
    let request = "<!-- changed: examples/08_downloader.rs:main -> examples/09_images.rs:main -->";
    let figure =
        "<figure class=\"timeline\" data-recording=\"03_pool-map\">\n<svg></svg>\n</figure>";
    let chapter = json!({ "Chapter": {
        "name": "One", "content": format!("{request}\n\n{figure}\n"), "number": null, "sub_items": [],
        "path": "one.md", "source_path": "one.md", "parent_names": [],
    } });
    // mdBook names the book's folder as it was told to, and starts the command in that folder.
    let context = json!({
        "root": "book", "renderer": "html", "mdbook_version": "0.5.0",
        "config": { "book": { "title": "Many Hands", "src": "src" } },
    });
    let mut program = Command::new(env!("CARGO_BIN_EXE_book"))
        .arg("preprocess")
        .current_dir(steps::root().join("book"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = json!([context, { "items": [chapter] }]).to_string();
    program.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    let book: Value = serde_json::from_slice(&output.stdout).unwrap();
    let content = book["items"][0]["Chapter"]["content"].as_str().unwrap();
    assert!(content.contains("<details class=\"changed\">"), "{content}");
    assert!(content.contains("href=\"timelines/03_pool.json\" download"), "{content}");
}
