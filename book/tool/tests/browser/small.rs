//! A clone in miniature that looks like the book.

use std::fs;

use tempfile::TempDir;

/// A folder with the book's theme and an empty book.
pub(crate) fn themed() -> TempDir {
    let clone = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = clone.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write("book/book.toml", &fs::read_to_string(harness::root().join("book/book.toml")).unwrap());
    for theme in harness::root().join("book/theme").read_dir().unwrap() {
        let theme = theme.unwrap().path();
        if theme.is_file() {
            let name = theme.file_name().unwrap().to_str().unwrap();
            write(&format!("book/theme/{name}"), &fs::read_to_string(&theme).unwrap());
        }
    }
    write("book/theme/fonts/fonts.css", "/* none */");
    let index = fs::read_to_string(clone.path().join("book/theme/index.hbs")).unwrap();
    let without: Vec<&str> =
        index.lines().filter(|line| !line.contains("rel=\"preload\"")).collect();
    write("book/theme/index.hbs", &without.join("\n"));
    fs::create_dir_all(clone.path().join("book/src")).unwrap();
    clone
}
