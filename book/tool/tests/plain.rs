//! Plain `mdbook build book`, which knows of `cargo book` only what `book.toml` says.

use std::io::Write;
use std::process::{Command, Stdio};

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use serde_json::{Value, json};

#[test]
fn plain_mdbook_builds_whole_pages() {
    let book = harness::root().join("book");
    let site = tempfile::tempdir().unwrap();
    let mut config = Config::from_disk(book.join("book.toml")).unwrap();
    config.build.build_dir = site.path().to_owned();
    let command: String = config.get("preprocessor.many-hands.command").unwrap().unwrap();
    let command = command.replacen(
        "cargo run --quiet --package book --",
        env!("CARGO_BIN_EXE_book"), // the same, without another build
        1,
    );
    assert!(command.ends_with("book preprocess"), "{command}");
    config.set("preprocessor.many-hands.command", command).unwrap();
    MDBook::load_with_config(&book, config).unwrap().build().unwrap();

    let page = std::fs::read_to_string(site.path().join("03_pool.html")).unwrap();
    for part in
        ["lesson-card", "class=\"quiz\"", "class=\"challenge\"", "class=\"changed\"", "key-points"]
    {
        assert!(page.contains(part), "the page has no {part}");
    }
    assert!(!page.contains("<!-- lesson"), "the build fills in the lesson");
}

#[test]
fn the_preprocessor_finds_the_book_where_mdbook_starts_it() {
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
        .current_dir(harness::root().join("book"))
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
