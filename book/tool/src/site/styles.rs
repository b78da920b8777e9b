//! The styles of a page, joined into one file: a browser paints nothing before it has the last of
//! them.

use std::path::Path;

use anyhow::Context;
use flate2::Crc;

use super::address::target;
use crate::files;
use crate::html::{Piece, pieces};

/// Where the file goes: into a folder of the site, like the styles that are in it, so that what
/// they load is found from there, too.
const FOLDER: &str = "css";

/// The page `name` of the site, with one link in place of those to its styles. A style with an `id`
/// stays apart, because mdBook's script switches it on and off.
pub(super) fn join(page: &str, name: &str, site: &Path) -> anyhow::Result<String> {
    let path = site.join(name);
    let folder = path.parent().unwrap_or(site);
    let mut joined = String::new();
    for link in pieces(page).filter(is_style) {
        let file = link.get("href").and_then(|href| target(site, folder, href));
        let style = files::read(&file.context("a style lies outside of the book")?)?;
        joined += &match link.get("media") {
            Some(media) => format!("@media {media} {{\n{style}\n}}\n"),
            None => style,
        };
    }
    if joined.is_empty() {
        return Ok(page.to_owned()); // a part of a page
    }
    let mut crc = Crc::new();
    crc.update(joined.as_bytes());
    let file = format!("{FOLDER}/book-{:08x}.css", crc.sum());
    if !site.join(&file).exists() {
        files::write(&site.join(&file), &joined)?;
    }
    let up = "../".repeat(Path::new(name).components().count() - 1);
    let mut link = Some(format!("<link rel=\"stylesheet\" href=\"{up}{file}\">"));
    let mut out = String::with_capacity(page.len());
    for piece in pieces(page) {
        let (Piece::Tag(source) | Piece::Text(source)) = piece;
        if is_style(&piece) {
            out += &link.take().unwrap_or_default();
        } else {
            out += source;
        }
    }
    Ok(out)
}

fn is_style(piece: &Piece<'_>) -> bool {
    piece.name() == "link" && piece.get("rel") == Some("stylesheet") && piece.get("id").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_loads_one_style_with_all_that_was_in_several() {
        let site = tempfile::tempdir().unwrap();
        for (file, style) in [("a", ".a{}"), ("b", ".b{}"), ("c", ".c{}")] {
            files::write(&site.path().join(format!("css/{file}.css")), style).unwrap();
        }
        let page = "<head><link rel=\"stylesheet\" href=\"../css/a.css\">\
                    <link rel=\"stylesheet\" href=\"../css/b.css\" media=\"print\">\
                    <link rel=\"stylesheet\" id=\"x\" href=\"../css/c.css\"></head>";
        let joined = join(page, "chapter/page.html", site.path()).unwrap();
        let styles: Vec<_> = pieces(&joined).filter(is_style).collect();
        let [style] = styles[..] else { panic!("{joined}") };
        let file = style.get("href").unwrap().strip_prefix("../").unwrap();
        let style = files::read(&site.path().join(file)).unwrap();
        assert_eq!(style, ".a{}@media print {\n.b{}\n}\n");
        assert!(joined.contains("<link rel=\"stylesheet\" id=\"x\""), "{joined}");
    }
}
