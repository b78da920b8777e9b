//! The book to take along, as its readers' programs see it.

use std::fs;
use std::process::Command;

fn book(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_book")).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_epub_begins_with_its_type_and_its_pages_are_xml_without_what_needs_a_screen() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("book.epub");
    let said = book(&["epub", "--out", file.to_str().unwrap()]);
    assert!(said.contains("book.epub"), "{said}");
    let bytes = fs::read(file).unwrap();
    assert_eq!(&bytes[30..58], b"mimetypeapplication/epub+zip");
    let text = String::from_utf8_lossy(&bytes); // nothing in it is compressed
    for part in
        ["book/03_pool.xhtml", "book/answers.xhtml", "<nav epub:type=\"toc\">", "Does not compile"]
    {
        assert!(text.contains(part), "{part} is missing");
    }
    for part in ["<button", "<script", "<details", "<br>", "viewbox="] {
        assert!(!text.contains(part), "{part} needs a screen, or is no XML");
    }
}

#[test]
fn slides_and_a_handout_are_printed_by_chromium() {
    let folder = tempfile::tempdir().unwrap();
    for (what, paper) in [("slides", "a4"), ("handout", "letter")] {
        let file = folder.path().join(format!("{what}.pdf"));
        book(&["pdf", what, "--paper", paper, "--out", file.to_str().unwrap()]);
        assert!(fs::read(file).unwrap().starts_with(b"%PDF-"), "{what}");
    }
}
