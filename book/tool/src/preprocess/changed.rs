//! What changed from one listing to the next: a diff, made by the build and never by hand.
//!
//! A chapter asks for it in a comment, with paths from the root of the workspace, and an anchor
//! after a colon for a part of a file:
//!
//! ```text
//! <!-- changed: examples/08_downloader.rs -> examples/09_images.rs -->
//! <!-- changed: examples/02_process.rs:ten -> examples/02b_threads.rs:ten -->
//! ```
//!
//! It becomes a folded list of lines, each with its sign. A request that cannot be met is an error,
//! both in the build and in the check.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, ensure};
use mdbook_driver::book::Chapter;
use similar::{ChangeTag, TextDiff};

use crate::html::escape;
use crate::markdown::{self, Comment};
use crate::problem::Found;
use crate::{anchors, files};

/// How many unchanged lines are shown around a change.
const AROUND: usize = 3;

/// Fills in the diffs that a chapter asks for. `root` is that of the workspace.
pub(super) fn fill(root: &Path, chapter: &mut Chapter) -> anyhow::Result<()> {
    let filled = requests(&chapter.content)
        .map(|comment| Ok((comment.place.clone(), Request::parse(&comment)?.html(root)?)));
    let filled: Vec<_> = filled.collect::<anyhow::Result<_>>()?;
    chapter.content = markdown::replace(&chapter.content, filled);
    Ok(())
}

/// What is wrong with the requests in a text.
pub(crate) fn problems(root: &Path, text: &str) -> Found {
    let errors = requests(text).filter_map(|comment| {
        let error = Request::parse(&comment).and_then(|request| request.html(root)).err()?;
        Some((comment.line, format!("{error:#}")))
    });
    errors.collect()
}

fn requests(text: &str) -> impl Iterator<Item = Comment<'_>> {
    markdown::comments(text).filter(|comment| comment.word == "changed:")
}

/// Which two listings to compare.
struct Request<'t> {
    old: Listing<'t>,
    new: Listing<'t>,
}

/// A file, or the part of it between two anchors.
struct Listing<'t> {
    path: &'t str,
    anchor: Option<&'t str>,
}

impl<'t> Request<'t> {
    fn parse(comment: &Comment<'t>) -> anyhow::Result<Request<'t>> {
        let parsed = comment.body.split_once("->").and_then(|(old, new)| {
            Some(Request { old: Listing::parse(old)?, new: Listing::parse(new)? })
        });
        parsed.with_context(|| {
            format!(
                "`<!-- changed:{}-->` should be `<!-- changed: OLD -> NEW -->`, each a PATH or \
                 PATH:ANCHOR",
                comment.body
            )
        })
    }

    fn html(&self, root: &Path) -> anyhow::Result<String> {
        let (old, new) = (self.old.text(root)?, self.new.text(root)?);
        ensure!(old != new, "nothing changed from {} to {}", self.old.path, self.new.path);
        let Changed { lines, added, removed } = Changed::between(&old, &new);
        let [from, to] = match (&self.old, &self.new) {
            (old, new) if old.path == new.path => [old, new].map(|part| part.anchor.unwrap_or("")),
            (old, new) => [old, new].map(|file| file.path.rsplit('/').next().unwrap_or("")),
        };
        Ok(format!(
            "<details class=\"changed\">\n<summary>What changed: <code>{from}</code> → <code>{to}</code> \
             <span class=\"changed-count\">(−{removed} +{added} lines)</span></summary>\n\
             <p><code>−</code> is only in the first, <code>+</code> only in the second.</p>\n\
             <pre class=\"changed-lines\">{lines}</pre>\n</details>\n"
        ))
    }
}

/// What changed from one text to another.
pub(crate) struct Changed {
    /// HTML: each line in a tag that says where it is from, without the lines that are the same.
    pub(crate) lines: String,
    added: usize,
    removed: usize,
}

impl Changed {
    pub(crate) fn between(old: &str, new: &str) -> Changed {
        let diff = TextDiff::from_lines(old, new);
        let mut changed = Changed { lines: String::new(), added: 0, removed: 0 };
        let new_lines: Vec<&str> = new.lines().collect();
        let mut shown = 0; // of them
        for group in diff.grouped_ops(AROUND) {
            let start = group.first().map_or(shown, |op| op.new_range().start);
            leave_out(&new_lines[shown..start], &mut changed.lines);
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let (tag, sign) = match change.tag() {
                    ChangeTag::Delete => ("del", '−'),
                    ChangeTag::Insert => ("ins", '+'),
                    ChangeTag::Equal => ("span", ' '),
                };
                changed.removed += usize::from(tag == "del");
                changed.added += usize::from(tag == "ins");
                let line = escape(change.value().trim_end());
                // The sign and the newline are inside the tag, so no line of this HTML is blank.
                let _ = write!(changed.lines, "<{tag}>{sign} {line}\n</{tag}>");
            }
            shown = group.last().map_or(0, |op| op.new_range().end);
        }
        leave_out(&new_lines[shown..], &mut changed.lines);
        changed
    }
}

impl<'t> Listing<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let text = text.trim();
        let (path, anchor) = match text.split_once(':') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (text, None),
        };
        let plain = !text.contains(char::is_whitespace) && anchor != Some("");
        (plain && !path.is_empty()).then_some(Listing { path, anchor })
    }

    /// Its lines, without those that mark anchors.
    fn text(&self, root: &Path) -> anyhow::Result<String> {
        let content = files::read(&root.join(self.path))?;
        let Some(anchor) = self.anchor else { return Ok(anchors::without(&content)) };
        anchors::part(&content, anchor)
            .with_context(|| format!("{} has no anchor {anchor}", self.path))
    }
}

/// Says how many lines are left out, unless the lines themselves take no more room.
fn leave_out(same: &[&str], out: &mut String) {
    if same.len() > 2 {
        let count = same.len();
        let _ = write!(out, "<span class=\"changed-gap\">⋯ {count} lines are the same\n</span>");
        return;
    }
    for line in same {
        let _ = write!(out, "<span>  {}\n</span>", escape(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace with two listings.
    fn workspace(old: &str, new: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        files::write(&root.path().join("examples/old.rs"), old).unwrap();
        files::write(&root.path().join("examples/new.rs"), new).unwrap();
        root
    }

    fn filled(root: &Path, content: &str) -> anyhow::Result<String> {
        let mut chapter = Chapter::new("c", content.to_owned(), "c.md", Vec::new());
        fill(root, &mut chapter)?;
        Ok(chapter.content)
    }

    const ALL: &str = "<!-- changed: examples/old.rs -> examples/new.rs -->";

    #[test]
    fn a_line_says_by_its_sign_where_it_is_from() {
        let root = workspace("a\nb < c\n\nd\n", "a\nb & c\n\nd\n");
        let html = filled(root.path(), &format!("before\n\n{ALL}\n\nafter")).unwrap();
        assert!(html.starts_with("before\n\n<details class=\"changed\">\n"), "{html}");
        assert!(html.ends_with("</details>\n\n\nafter"), "{html}");
        assert!(html.contains("<del>− b &lt; c\n</del><ins>+ b &amp; c\n</ins>"), "{html}");
        assert!(html.contains("<span>  a\n</span>"), "{html}");
        assert!(html.contains("(−1 +1 lines)"), "{html}");
    }

    #[test]
    fn the_block_has_no_blank_line_which_would_end_it() {
        let root = workspace("a\n\n\nb\n", "\n\na\n\nc\n");
        let html = filled(root.path(), ALL).unwrap();
        let block = html.trim_end();
        assert!(block.lines().all(|line| !line.trim().is_empty()), "{block}");
    }

    #[test]
    fn anchors_pick_a_part_and_are_not_shown() {
        let part = |line| {
            format!(
                "no\n// ANCHOR: a\none\n// ANCHOR: b\n{line}\n// ANCHOR_END: b\n// ANCHOR_END: a\nno\n"
            )
        };
        let root = workspace(&part("two"), &part("three"));
        let html = filled(root.path(), &ALL.replace(".rs", ".rs:a")).unwrap();
        assert!(
            html.contains("one") && html.contains("− two") && html.contains("+ three"),
            "{html}"
        );
        assert!(!html.contains("no") && !html.contains("ANCHOR"), "{html}");
        let html = filled(root.path(), ALL).unwrap();
        assert!(html.contains("no") && !html.contains("ANCHOR"), "{html}");
    }

    #[test]
    fn long_stretches_that_are_the_same_are_only_counted() {
        let same: String = (0..20).map(|n| format!("line {n}\n")).collect();
        let root = workspace(&format!("{same}old\n{same}"), &format!("{same}new\n{same}"));
        let html = filled(root.path(), ALL).unwrap();
        assert_eq!(html.matches("⋯ 17 lines are the same").count(), 2, "{html}");
        assert_eq!(html.matches("<span>  line").count(), 6, "{html}");
    }

    #[test]
    fn two_parts_of_a_file_are_called_by_their_anchors() {
        let part = |name: &str| format!("// ANCHOR: {name}\n{name}\n// ANCHOR_END: {name}\n");
        let root = workspace(&(part("one") + &part("two")), "");
        let request = "<!-- changed: examples/old.rs:one -> examples/old.rs:two -->";
        let html = filled(root.path(), request).unwrap();
        assert!(html.contains("<code>one</code> → <code>two</code>"), "{html}");
        assert!(html.contains("<del>− one\n</del><ins>+ two\n</ins>"), "{html}");
    }

    #[test]
    fn a_request_that_cannot_be_met_is_an_error_with_its_line() {
        let root = workspace("a\n", "a\n");
        for (request, why) in [
            ("<!-- changed: examples/old.rs -->", "should be"),
            ("<!-- changed: examples/old.rs -> -->", "should be"),
            ("<!-- changed: examples/old.rs: -> examples/new.rs -->", "should be"),
            ("<!-- changed: examples/old.rs -> examples/none.rs -->", "cannot read"),
            ("<!-- changed: examples/old.rs:x -> examples/new.rs -->", "old.rs has no anchor x"),
            (ALL, "nothing changed"),
        ] {
            let found = problems(root.path(), &format!("text\n{request}\n"));
            assert_eq!(found.len(), 1, "{request}");
            assert!(found[0].0 == 2 && found[0].1.contains(why), "{request}: {found:?}");
            let error = filled(root.path(), request).unwrap_err();
            assert!(format!("{error:#}").contains(why), "{error:#}");
        }
        assert_eq!(problems(root.path(), "<!-- changed at all -->\n`<!-- changed: x -->`"), []);
    }
}
