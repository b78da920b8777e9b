//! The search index: the sections of all pages, as text, with what a Python programmer calls them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::files;
use crate::html::{Piece, main, pieces, unescape};

/// Where the script looks for it.
pub(super) const FILE: &str = "search-index.js";
/// What Python calls things, and the section that has the answer, from the book's folder.
const SYNONYMS: &str = "synonyms.toml";

/// A part of a page, from one heading to the next.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Section {
    /// The title of its page.
    pub(super) page: String,
    pub(super) title: String,
    /// The page's file, and the heading's id if it has one.
    pub(super) href: String,
    pub(super) text: String,
    /// What Python calls what it explains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) synonyms: Vec<String>,
}

#[derive(Deserialize)]
struct Synonyms {
    /// The address of a section, and the names that lead to it.
    section: BTreeMap<String, Vec<String>>,
}

/// Gives sections the names in `synonyms.toml`, if the book has that file.
///
/// # Errors
///
/// When a name leads to a section that doesn't exist.
pub(super) fn add_synonyms(book: &Path, sections: &mut [Section]) -> anyhow::Result<()> {
    let file = book.join(SYNONYMS);
    if !file.exists() {
        return Ok(());
    }
    let synonyms: Synonyms = toml::from_str(&files::read(&file)?)
        .with_context(|| format!("cannot use {}", file.display()))?;
    for (href, names) in synonyms.section {
        let section = sections.iter_mut().find(|section| section.href == href);
        let what = || format!("{SYNONYMS} leads to {href}, but no section has this address");
        section.with_context(what)?.synonyms = names;
    }
    Ok(())
}

/// The sections of a page.
pub(super) fn sections(name: &str, html: &str) -> Vec<Section> {
    let mut found = vec![Section { href: name.to_owned(), ..Section::default() }];
    let (mut in_heading, mut pictures) = (false, 0_usize);
    for piece in pieces(main(html)) {
        let last = found.last_mut().expect("there is one from the start");
        match piece {
            Piece::Text(_) if pictures > 0 => {}
            Piece::Text(text) if in_heading => last.title += &unescape(text),
            Piece::Text(text) => last.text += &unescape(text),
            Piece::Tag(_) => match piece.name() {
                "svg" => pictures += 1,
                "/svg" => pictures = pictures.saturating_sub(1),
                heading @ ("h1" | "h2" | "h3") => {
                    in_heading = true;
                    if heading != "h1" {
                        let id = piece.get("id");
                        let href = id.map_or(name.to_owned(), |id| format!("{name}#{id}"));
                        found.push(Section { href, ..Section::default() });
                    }
                }
                "/h1" | "/h2" | "/h3" => in_heading = false,
                "/td" | "/th" => last.text += " · ",
                "p" | "/p" | "li" | "tr" | "pre" | "dt" | "dd" | "br" | "summary" | "/summary" => {
                    last.text.push('\n');
                }
                _ => {}
            },
        }
    }
    let page = found[0].title.clone();
    for section in &mut found {
        section.page.clone_from(&page);
        section.text = section.text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<nav>no</nav><main id=\"main\"><h1 id=\"t\"><a href=\"#t\">3. Title</a></h1><p>first &lt;b&gt;</p>\
        <svg><title>none</title></svg><h2 id=\"two\">Two</h2><table><tr><td>a</td><td>b</td></tr></table></main><p>no</p>";

    #[test]
    fn a_page_is_cut_at_its_headings_and_cells_stay_apart() {
        let found = sections("a.html", PAGE);
        let texts: Vec<_> =
            found.iter().map(|s| (&*s.href, &*s.page, &*s.title, &*s.text)).collect();
        assert_eq!(
            texts,
            [
                ("a.html", "3. Title", "3. Title", "first <b>"),
                ("a.html#two", "3. Title", "Two", "a · b ·"),
            ]
        );
    }

    #[test]
    fn a_synonym_leads_to_a_section_that_exists() {
        let book = tempfile::tempdir().unwrap();
        let mut found = sections("a.html", PAGE);
        let file = book.path().join(SYNONYMS);
        files::write(&file, "[section]\n\"a.html#two\" = [\"starmap\"]\n").unwrap();
        add_synonyms(book.path(), &mut found).unwrap();
        assert_eq!(found[1].synonyms, ["starmap"]);
        files::write(&file, "[section]\n\"a.html#three\" = [\"starmap\"]\n").unwrap();
        let error = add_synonyms(book.path(), &mut found).unwrap_err().to_string();
        assert!(error.contains("leads to a.html#three"), "{error}");
    }
}
