//! The whole book, flat: its chapters, and their answers at the end.

use std::collections::BTreeMap;
use std::path::Path;

use super::chapters;
use super::flat::{Flat, flatten};
use crate::html::pieces;

/// The name of the last part.
const ANSWERS: &str = "answers";

/// A part of the book: a chapter, or the answers.
pub(super) struct Part {
    /// Its id, and the name of its file.
    pub(super) name: String,
    /// As HTML.
    pub(super) title: String,
    pub(super) body: String,
}

/// Reads the built site.
pub(super) fn parts(site: &Path) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut answers =
        "<h1>Answers</h1>\n<p>Answers, hints and solutions, chapter by chapter.</p>\n".to_owned();
    for chapter in chapters::read(site)? {
        let Flat { body, answers: own } = flatten(&chapter);
        if !own.is_empty() {
            answers += &format!("<h2>{}</h2>\n{own}", chapter.title);
        }
        parts.push(Part { name: chapter.name, title: chapter.title, body });
    }
    parts.push(Part { name: ANSWERS.to_owned(), title: "Answers".to_owned(), body: answers });
    Ok(parts)
}

/// Which part has each id.
pub(super) fn places(parts: &[Part]) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    for part in parts {
        places.insert(part.name.clone(), part.name.clone());
        for id in pieces(&part.body).filter_map(|piece| piece.get("id")) {
            places.insert(id.to_owned(), part.name.clone());
        }
    }
    places
}
