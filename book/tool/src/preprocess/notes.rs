//! Notes beside a listing, each tied to a line of it.
//!
//! They stand in a comment below the fence. Each begins with a bit of the code that it is about:
//!
//! ```text
//! <!-- notes
//! @ let start = Instant::now()
//! Starts the stopwatch.
//!
//! @ for child in children … child.wait()
//! From the first of these lines to the second.
//! -->
//! ```
//!
//! The line gets a number, in a comment of its language, and the notes stand beside the listing
//! (below it on a narrow page). A note whose line is gone is an error, both in the build and in
//! the check.

use std::path::Path;

use anyhow::bail;

use crate::files;
use crate::include::include;
use crate::markdown::{self, Block, Comment, Fence};
use crate::problem::Found;

const WORD: &str = "notes";
const PLACE: &str = "@ ";
const TO: &str = " … ";
const NUMBERS: [char; 12] = ['①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨', '⑩', '⑪', '⑫'];

/// Puts the notes of a text beside their listings.
pub(super) fn fill(text: &str) -> anyhow::Result<String> {
    let mut filled = Vec::new();
    for (fence, comment) in noted(text) {
        let Some(fence) = fence else { bail!("{}", without_listing()) };
        let lines: Vec<String> = fence.code.iter().map(|(_, line)| (*line).to_owned()).collect();
        match beside(&fence, &lines, &comment) {
            Ok(html) => filled.push((fence.place.start..comment.place.end, html)),
            Err(found) => bail!("{}", found[0].1),
        }
    }
    Ok(markdown::replace(text, filled))
}

/// What is wrong with the notes of a chapter, whose includes are not filled in yet.
pub(crate) fn problems(chapter: &Path, text: &str) -> Found {
    let found = noted(text).into_iter().flat_map(|(fence, comment)| {
        let Some(fence) = fence else { return vec![(comment.line, without_listing())] };
        let lines = included(chapter, &fence);
        beside(&fence, &lines, &comment).err().unwrap_or_default()
    });
    found.collect()
}

fn without_listing() -> String {
    format!("<!-- {WORD} --> belongs right below a listing")
}

/// The comments with notes, each with the listing above it.
fn noted(text: &str) -> Vec<(Option<Fence<'_>>, Comment<'_>)> {
    let (mut found, mut above) = (Vec::new(), None);
    for block in markdown::blocks(text) {
        match block {
            Block::Fence(fence) => above = Some(fence),
            Block::Comment(comment) if comment.word == WORD => {
                let touches = |fence: &Fence<'_>| {
                    text[fence.place.end..comment.place.start].trim().is_empty()
                };
                found.push((above.take().filter(touches), comment));
            }
            Block::Comment(_) | Block::Heading { .. } => above = None,
        }
    }
    found
}

/// The lines of a listing, with what it includes.
fn included(chapter: &Path, fence: &Fence<'_>) -> Vec<String> {
    let lines = fence.code.iter().map(|&(_, line)| {
        let content = include(line)
            .and_then(|include| include.text(&files::read(&include.file(chapter)).ok()?));
        content.unwrap_or_else(|| line.to_owned())
    });
    lines.collect::<Vec<_>>().join("\n").lines().map(str::to_owned).collect()
}

/// A listing with numbers, and the notes beside it.
fn beside(fence: &Fence<'_>, lines: &[String], comment: &Comment<'_>) -> Result<String, Found> {
    let notes = Note::all(comment)?;
    let slashes = match fence.language() {
        "rust" => "//",
        "python" | "toml" => "#",
        other => return Err(vec![(fence.line, format!("a listing of {other:?} takes no notes"))]),
    };
    let mut lines = lines.to_vec();
    let mut begins = Vec::new();
    for (note, number) in notes.iter().zip(NUMBERS) {
        let (from, to) = note.place(&lines).map_err(|what| vec![(note.line, what)])?;
        if begins.last().is_some_and(|&last| last > from) {
            return Err(vec![(note.line, "notes come in the order of their lines".to_owned())]);
        }
        begins.push(from);
        let ends = [(from, "┐"), (to, "┘")];
        let ends = if from == to { &[(from, "")][..] } else { &ends[..] };
        for &(at, corner) in ends {
            let begin =
                if lines[at].contains(slashes) { String::new() } else { format!("{slashes} ") };
            lines[at] += &format!(" {begin}{number}{corner}");
        }
    }
    let mut out = format!("<div class=\"noted\">\n\n```{}\n", fence.info);
    for line in &lines {
        out += &format!("{line}\n");
    }
    out += &format!("```\n\n<div class=\"notes\" style=\"--above: {}\">\n", begins[0]);
    begins.push(lines.len());
    for ((note, number), span) in notes.iter().zip(NUMBERS).zip(begins.windows(2)) {
        let count = span[1] - span[0];
        out += &format!("<div style=\"--lines: {count}\">\n\n{number} {}\n\n</div>\n", note.text);
    }
    Ok(out + "</div>\n</div>")
}

/// A note: the code that it is about, and what it says.
struct Note<'t> {
    from: &'t str,
    to: Option<&'t str>,
    text: &'t str,
    /// Its line of the page.
    line: usize,
}

impl<'t> Note<'t> {
    fn all(comment: &Comment<'t>) -> Result<Vec<Note<'t>>, Found> {
        let mut notes = Vec::new();
        let begin = format!("\n{PLACE}");
        let mut starts: Vec<usize> =
            comment.body.match_indices(&begin).map(|(at, _)| at + 1).collect();
        starts.push(comment.body.len());
        for part in starts.windows(2) {
            let line = comment.line_at(part[0]);
            let (place, text) = comment.body[part[0]..part[1]].split_once('\n').unwrap_or_default();
            let place = place.strip_prefix(PLACE).unwrap_or(place).trim();
            let (from, to) = place.split_once(TO).map_or((place, None), |(a, b)| (a, Some(b)));
            let text = text.trim();
            if text.is_empty() {
                return Err(vec![(line, format!("the note on `{place}` says nothing"))]);
            }
            notes.push(Note { from: from.trim(), to: to.map(str::trim), text, line });
        }
        let count = notes.len();
        if !(1..=NUMBERS.len()).contains(&count) {
            let what = format!(
                "{count} notes, not 1 to {}; each begins with `{PLACE}CODE`",
                NUMBERS.len()
            );
            return Err(vec![(comment.line, what)]);
        }
        Ok(notes)
    }

    /// The first and the last line that it is about, counted from 0.
    fn place(&self, lines: &[String]) -> Result<(usize, usize), String> {
        let has = |what: &'t str| move |line: &(usize, &String)| line.1.contains(what);
        let with: Vec<_> = lines.iter().enumerate().filter(has(self.from)).collect();
        let [(from, _)] = with[..] else {
            let (count, code) = (with.len(), self.from);
            return Err(format!(
                "{count} lines of the listing have `{code}`: quote code that one line has"
            ));
        };
        let Some(code) = self.to else { return Ok((from, from)) };
        let to = lines.iter().enumerate().skip(from).find(has(code));
        let to = to.ok_or_else(|| format!("no line below `{}` has `{code}`", self.from))?;
        Ok((from, to.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "a\n\n```rust\nfn main() {\n    one(); // why\n    two {\n    }\n}\n```\n\n\
                        <!-- notes\n@ one()\nIs *first*.\n\n@ two … }\nIs last.\n-->\n\nb\n";

    #[test]
    fn a_listing_has_numbers_and_the_notes_beside_it() {
        let page = fill(PAGE).unwrap();
        assert_eq!(
            page,
            "a\n\n<div class=\"noted\">\n\n```rust\nfn main() {\n    one(); // why ①\n    two { // ②┐\n    \
             } // ②┘\n}\n```\n\n<div class=\"notes\" style=\"--above: 1\">\n<div style=\"--lines: \
             1\">\n\n① Is *first*.\n\n</div>\n<div style=\"--lines: 3\">\n\n② Is last.\n\n</div>\n</div>\n\
             </div>\n\nb\n"
        );
    }

    #[track_caller]
    fn assert_wrong(page: &str, line: usize, what: &str) {
        assert!(fill(page).is_err(), "{page}");
        let found = problems(Path::new("c.md"), page);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0 == line && found[0].1.contains(what), "{found:?}");
    }

    #[test]
    fn a_note_whose_line_is_gone_is_reported_where_it_stands() {
        assert_eq!(problems(Path::new("c.md"), PAGE), []);
        assert_wrong(
            &PAGE.replace("one();", "three();"),
            12,
            "0 lines of the listing have `one()`",
        );
        assert_wrong(&PAGE.replace("two {\n", "one();\n"), 12, "2 lines of the listing have");
        assert_wrong(&PAGE.replace("two … }", "two … )"), 15, "no line below `two` has `)`");
    }

    #[test]
    fn notes_need_a_listing_a_text_and_an_order() {
        assert_wrong(
            &PAGE.replace("<!-- notes", "text\n\n<!-- notes"),
            13,
            "right below a listing",
        );
        assert_wrong(&PAGE.replace("Is last.", ""), 15, "says nothing");
        assert_wrong(&PAGE.replace("two … }", "fn main"), 15, "in the order of their lines");
        assert_wrong(&PAGE.replace("@ ", "- "), 11, "0 notes");
        assert_wrong(&PAGE.replace("```rust", "```text"), 3, "takes no notes");
    }

    #[test]
    fn the_check_reads_the_file_that_a_listing_includes() {
        let folder = tempfile::tempdir().unwrap();
        let chapter = folder.path().join("c.md");
        let page = "```python\n{{#include a.py:part}}\n```\n<!-- notes\n@ two\nIt.\n-->\n";
        let file = folder.path().join("a.py");
        files::write(&file, "two\n# ANCHOR: part\none\ntwo\n# ANCHOR_END: part\n").unwrap();
        assert_eq!(problems(&chapter, page), []);
        files::write(&file, "two\n# ANCHOR: part\none\n# ANCHOR_END: part\n").unwrap();
        assert_eq!(problems(&chapter, page)[0].0, 5);
    }
}
