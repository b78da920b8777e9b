//! The chapters of the built site, in order.

use std::path::Path;

use crate::files;
use crate::html::{Piece, main, pieces};

/// A chapter as it was built.
pub(super) struct Chapter {
    /// Its file, without `.html`.
    pub(super) name: String,
    /// As HTML.
    pub(super) title: String,
    /// What is in its `<main>`.
    pub(super) html: String,
}

/// Reads them. The reader's own progress is left out: it's on no paper.
pub(super) fn read(site: &Path) -> anyhow::Result<Vec<Chapter>> {
    let toc = files::read(&site.join("toc.html"))?;
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut open: Option<String> = None;
    for piece in pieces(&toc) {
        match (piece.name(), piece) {
            ("a", _) => {
                open =
                    piece.get("href").and_then(|href| href.strip_suffix(".html")).map(str::to_owned)
            }
            ("/a", _) => open = None,
            (_, Piece::Text(text)) if !text.trim().is_empty() => {
                let Some(name) = open.take().filter(|name| name != "progress") else { continue };
                let page = files::read(&site.join(&name).with_extension("html"))?;
                let (title, html) = (text.trim().to_owned(), main(&page).to_owned());
                chapters.push(Chapter { name, title, html });
            }
            _ => {}
        }
    }
    Ok(chapters)
}
