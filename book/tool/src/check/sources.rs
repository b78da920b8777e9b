//! Checks of the book's Markdown and of the files it includes.
//!
//! - A fence of Rust or Python holds nothing but includes of files that are compiled or run. One
//!   that can't (a line that must not compile, a shape) says why on the line before it: `<!--
//!   fragment: the reason -->`.
//! - A fence of console holds command lines, each after `$ ` (one that ends with `\` continues on
//!   the next line), and includes of recordings.
//! - Whatever is included exists: the file, the anchor, the lines. So does whatever is compared.
//! - Each note beside a listing has its line.
//! - Each `ANCHOR` of an example has its `ANCHOR_END`.

use std::path::Path;

use crate::include::{include, includes};
use crate::markdown::{Block, Fence, blocks};
use crate::preprocess::{changed, notes};
use crate::problem::{Found, Problem};
use crate::{anchors, files};

/// The folders, from the root, whose code the tests compile or run.
const COMPILED: [&str; 8] = [
    "examples",
    "lessons",
    "tests",
    "benches",
    "book/tool",
    "book/fixes",
    "template",
    "template-downloads",
];

pub(crate) fn check(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for chapter in files::with_extensions(&root.join("book/src"), &["md"])? {
        let text = files::read(&chapter)?;
        let found = fences(root, &chapter, &text).into_iter().chain(missing(&chapter, &text));
        let found = found.chain(changed::problems(root, &text));
        let found = found.chain(notes::problems(&chapter, &text));
        problems.extend(Problem::all(root, &chapter, found));
    }
    for listing in files::with_extensions(&root.join("examples"), &["rs", "py"])? {
        let found = anchors::problems(&files::read(&listing)?);
        problems.extend(Problem::all(root, &listing, found));
    }
    Ok(problems)
}

fn fences(root: &Path, chapter: &Path, text: &str) -> Found {
    let mut problems = Found::new();
    let mut excuse_ends = None;
    for block in blocks(text) {
        let fence = match block {
            Block::Fence(fence) => fence,
            Block::Comment(comment) => {
                let is_excuse = comment.word == "fragment:" && !comment.body.trim().is_empty();
                excuse_ends = is_excuse.then_some(comment.place.end);
                continue;
            }
            Block::Heading { .. } => continue,
        };
        let is_blank = |text: &str| text.chars().all(|c| c.is_whitespace() || c == '>');
        let excuse = excuse_ends.take().filter(|&end| is_blank(&text[end..fence.place.start]));
        if excuse.is_none() {
            problems.extend(unsupported(root, chapter, &fence));
        }
        if !fence.is_closed {
            problems.push((fence.line, "this fence is never closed".to_owned()));
        }
    }
    problems
}

/// The lines of a fence that should come from somewhere else.
fn unsupported(root: &Path, chapter: &Path, fence: &Fence<'_>) -> Found {
    let mut problems = Found::new();
    let mut continues = false; // a command line
    for &(number, line) in fence.code.iter().filter(|(_, line)| !line.trim().is_empty()) {
        let what = match fence.language() {
            "rust" | "python" => listing(root, chapter, line),
            "console" if !continues => console(line),
            _ => None,
        };
        continues = line.ends_with('\\');
        problems.extend(what.map(|what| (number, what)));
    }
    problems
}

/// What is wrong with a line of a listing.
fn listing(root: &Path, chapter: &Path, line: &str) -> Option<String> {
    let Some(include) = include(line) else {
        return Some(
            "a listing is included from a file that is compiled, \
             `{{#include ../../examples/FILE:ANCHOR}}`, or the line before its fence says why it \
             isn't: `<!-- fragment: the reason -->`"
                .to_owned(),
        );
    };
    let file = include.file(chapter);
    let inside = file.strip_prefix(root).unwrap_or(&file);
    let compiled = COMPILED.iter().any(|folder| inside.starts_with(folder));
    (!compiled).then(|| format!("no test compiles the folder of {}", inside.display()))
}

fn console(line: &str) -> Option<String> {
    let recorded = include(line).is_some_and(|include| include.path.starts_with("recorded/"));
    (!recorded && !line.starts_with("$ ")).then(|| {
        "console shows command lines (`$ cargo run …`) and recordings \
         (`{{#include recorded/NAME.txt}}`), nothing typed by hand"
            .to_owned()
    })
}

/// What is included from a file that does not have it.
fn missing(chapter: &Path, text: &str) -> Found {
    let mut problems = Found::new();
    for (line, number) in text.lines().zip(1..) {
        for include in includes(line) {
            let what = match files::read(&include.file(chapter)) {
                Err(error) => Some(format!("{error:#}")),
                Ok(content) => include.missing(&content),
            };
            problems.extend(what.map(|what| (number, format!("{}: {what}", include.whole))));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn fences_of(text: &str) -> Vec<usize> {
        let root = Path::new("/book-of-a-test");
        let chapter = root.join("book/src/chapter.md");
        fences(root, &chapter, text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn code_in_a_fence_is_included_or_excused() {
        assert_eq!(fences_of("```rust\nfn main() {}\n```"), [2]);
        assert_eq!(fences_of("> ```python\n> print()\n> ```"), [2]);
        assert_eq!(
            fences_of("```rust,noplayground\n{{#include ../../examples/a.rs:main}}\n```"),
            NONE
        );
        assert_eq!(fences_of("```rust\n{{#include a.rs}}\n```"), [2], "no compiled file");
        assert_eq!(
            fences_of("<!-- fragment: must not compile -->\n\n```rust\nlet x = ;\n```"),
            NONE
        );
        assert_eq!(fences_of("<!-- fragment: -->\n```rust\nlet x = ;\n```"), [3], "no reason");
        assert_eq!(
            fences_of("<!-- fragment: one -->\n```rust\na\n```\n```rust\nb\n```"),
            [6],
            "an excuse is for one fence"
        );
        assert_eq!(
            fences_of("<!-- fragment: one -->\ntext\n```rust\na\n```"),
            [4],
            "not before it"
        );
        assert_eq!(fences_of("```text\nanything\n```\n````rust\n```\n````"), [5]);
        assert_eq!(fences_of("text\n```rust\n"), [2], "never closed");
    }

    #[test]
    fn output_is_recorded_and_not_typed() {
        assert_eq!(fences_of("```console\n$ cargo test\n{{#include recorded/a.txt}}\n```"), NONE);
        assert_eq!(fences_of("```console\n$ ls\nbook\n```"), [3]);
        assert_eq!(fences_of("```console\n$ cargo run -- \\\n    --fresh\nbook\n```"), [4]);
    }

    #[test]
    fn what_is_included_must_exist() {
        let folder = tempfile::tempdir().unwrap();
        let chapter = folder.path().join("chapter.md");
        files::write(&folder.path().join("a.rs"), "// ANCHOR: one\n\n// ANCHOR_END: one\n")
            .unwrap();
        files::write(&folder.path().join("a.txt"), "text").unwrap();
        let lines = |text: &str| {
            missing(&chapter, text).into_iter().map(|(line, _)| line).collect::<Vec<_>>()
        };
        assert_eq!(
            lines("{{#include a.txt}} {{#include a.rs:one}}\n{{#include ./a.rs:1:3}}"),
            NONE
        );
        assert_eq!(
            lines("{{#include b.rs}}\n{{#include a.rs:two}}\n{{#include a.rs:2:4}}"),
            [1, 2, 3]
        );
        assert_eq!(lines("{{#include a.rs}}"), [1], "it would show its anchors");
        assert_eq!(lines("\\{{#include b.rs}}"), NONE);
    }
}
