//! Plain `mdbook build book`, which knows nothing of `cargo book` but what stands in `book.toml`.

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;

#[test]
fn plain_mdbook_builds_whole_pages() {
    let book = steps::root().join("book");
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
    assert!(!page.contains("<!-- lesson"), "what was left to the build is done");
}
