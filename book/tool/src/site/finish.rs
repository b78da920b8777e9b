//! The last pass over the built pages.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{card, fit, picture, sections, styles};
use crate::files;
use crate::html::{Piece, escape, pieces};

/// Where the pictures of the pages are, within the site.
const PICTURES: &str = "cards";
/// The page whose picture stands for the whole book.
const FIRST: &str = "index.html";
/// What the page for wrong addresses has in place of the chapters.
const ROAD: &str = "<!-- road -->";

/// Finishes the pages in the folder `site`, and writes what they share. `book` is the folder of
/// `book.toml`.
pub(super) fn finish(book: &Path, site: &Path, url: Option<&str>) -> anyhow::Result<()> {
    let mut found = Vec::new();
    let pages = files::with_extensions(site, &["html"])?;
    // The first page goes first: its picture is that of all pages without a timeline.
    let is_first = |file: &PathBuf| file.file_name().is_some_and(|name| name == FIRST);
    let (first, others): (Vec<_>, Vec<_>) = pages.into_iter().partition(is_first);
    for file in first.into_iter().chain(others) {
        let Some(name) = file.strip_prefix(site).ok().and_then(Path::to_str) else { continue };
        if name == "toc.html" {
            continue;
        }
        let mut page = files::read(&file)?;
        if name == "404.html" {
            page = page.replacen(ROAD, &road(site)?, 1);
        }
        let is_chapter = !matches!(name, "404.html" | "print.html");
        let picture = pictured(site, name, &page, is_chapter)?;
        if is_chapter {
            page = card::add(&page, name, url, Some(&picture));
            if name != FIRST {
                found.extend(sections::sections(name, &page));
            }
        }
        page = styles::join(&page, name, site)?;
        files::write(&file, fit::fit(&page))?;
    }
    sections::add_synonyms(book, &mut found)?;
    let index = serde_json::to_string(&found).context("cannot write the search index")?;
    // A script, not JSON: pages that are opened from a disk may load one, too.
    files::write(&site.join(sections::FILE), format!("window.bookSections = {index};\n"))
}

/// The picture that goes with a page, within the site.
fn pictured(site: &Path, name: &str, page: &str, is_chapter: bool) -> anyhow::Result<PathBuf> {
    let own = Path::new(PICTURES).join(name).with_extension("png");
    if is_chapter && picture::write(page, &site.join(&own))? {
        return Ok(own);
    }
    Ok(Path::new(PICTURES).join(FIRST).with_extension("png"))
}

/// The chapters that have a number, as a list.
fn road(site: &Path) -> anyhow::Result<String> {
    let toc = files::read(&site.join("toc.html"))?;
    let mut out = "<ul class=\"road-list\">\n".to_owned();
    let mut href = None;
    for piece in pieces(&toc) {
        match piece {
            Piece::Tag(_) if piece.name() == "a" => href = piece.get("href"),
            Piece::Text(title) if title.starts_with(|c: char| c.is_ascii_digit()) => {
                if let Some(href) = href.take() {
                    out += &format!("<li><a href=\"{}\">{title}</a></li>\n", escape(href));
                }
            }
            _ => {}
        }
    }
    Ok(out + "</ul>\n")
}
