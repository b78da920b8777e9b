//! The page, and pictures in a folder.

use super::*;

#[test]
fn the_first_page_shows_the_pictures() {
    let gallery = Gallery::builder().picture("/a&b.png", CAT, "image/png").start().unwrap();
    let (head, page) = get(&gallery, "/");
    assert_eq!(header(&head, "Content-Type"), Some("text/html; charset=utf-8"));
    assert!(page.contains("<img src=\"/a&amp;b.png\""), "{page}");
}

#[test]
fn a_file_is_read_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cat.png");
    let gallery = one(Answer::file(&file, "image/png"));
    assert_eq!(status(&get(&gallery, "/x").0), 404);
    std::fs::write(&file, CAT).unwrap();
    let (head, body) = get(&gallery, "/x");
    assert_eq!(header(&head, "Content-Type"), Some("image/png"));
    assert_eq!(body.as_bytes(), CAT);
}

#[test]
fn a_folder_that_cannot_be_made_is_named_in_the_error() {
    let file = tempfile::NamedTempFile::new().unwrap(); // not a folder, not even for root
    let gallery = Gallery::builder().pictures(1).keep_in(file.path().join("in")).start();
    let error = gallery.unwrap_err().to_string();
    assert!(error.contains(&file.path().display().to_string()), "{error}");
}
