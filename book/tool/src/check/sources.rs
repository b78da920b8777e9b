//! Checks of the book's Markdown and of the files it includes.
//!
//! - A fence of Rust or Python holds nothing but includes of files that are compiled or run. One that
//!   cannot (a line that must not compile, a shape) says why: `<!-- fragment: the reason -->` on the
//!   line before it.
//! - A fence of console holds command lines, each after `$ ` (one that ends with `\` goes on), and includes of what
//!   was recorded.
//! - What is included exists: the file, the anchor, the lines. So does what is compared.
//! - Each `ANCHOR` of an example has its `ANCHOR_END`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::Problem;
use crate::files;
use crate::preprocess::changed;

/// The folders, from the root, whose code is compiled or run by the tests.
const COMPILED: [&str; 7] =
    ["examples", "lessons", "tests", "benches", "book/tool", "book/fixes", "template"];

pub(crate) fn check(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for chapter in files::with_extension(&root.join("book/src"), "md")? {
        let text = files::read(&chapter)?;
        let found = fences(root, &chapter, &text).into_iter().chain(includes(&chapter, &text));
        for (line, what) in found.chain(changed::problems(root, &text)) {
            problems.push(Problem::new(root, &chapter, what).line(line));
        }
    }
    for extension in ["rs", "py"] {
        for listing in files::with_extension(&root.join("examples"), extension)? {
            for (line, what) in anchors(&files::read(&listing)?).1 {
                problems.push(Problem::new(root, &listing, what).line(line));
            }
        }
    }
    Ok(problems)
}

/// Lines are counted from 1.
type Found = Vec<(usize, String)>;

/// `{{#include path:what}}`, but not where a backslash stands before it.
static INCLUDE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(\\)?\{\{\s*#(include|rustdoc_include|playground)\s+([^}\s:]+)(?::([^}]*?))?\s*\}\}",
    )
    .expect("a pattern of ours")
});

fn fences(root: &Path, chapter: &Path, text: &str) -> Found {
    let mut problems = Found::new();
    let mut excused = false; // by the last line that was not blank
    let mut lines = text.lines().map(|line| line.trim_start_matches(['>', ' ', '\t'])).enumerate();
    while let Some((number, line)) = lines.next() {
        let ticks = line.len() - line.trim_start_matches(['`', '~']).len();
        if ticks < 3 {
            if !line.trim().is_empty() {
                excused = is_fragment(line);
            }
            continue;
        }
        let (fence, language) = line.split_at(ticks);
        let language = language.split([',', ' ', '{']).find(|word| !word.is_empty()).unwrap_or("");
        let mut closed = false;
        let mut goes_on = false; // a command line
        for (inner, line) in lines.by_ref() {
            if line.trim_end().len() >= ticks
                && line.trim_end().chars().all(|c| fence.starts_with(c))
            {
                closed = true;
                break;
            }
            let what = match language {
                _ if excused || line.trim().is_empty() => continue,
                "rust" | "python" => listing(root, chapter, line),
                "console" => {
                    let begun = std::mem::replace(&mut goes_on, line.ends_with('\\'));
                    if begun { None } else { console(line) }
                }
                _ => continue,
            };
            problems.extend(what.map(|what| (inner + 1, what)));
        }
        if !closed {
            problems.push((number + 1, "this fence is never closed".to_owned()));
        }
        excused = false;
    }
    problems
}

fn is_fragment(line: &str) -> bool {
    line.trim()
        .strip_prefix("<!-- fragment:")
        .and_then(|rest| rest.strip_suffix("-->"))
        .is_some_and(|reason| !reason.trim().is_empty())
}

/// What is wrong with a line of a listing.
fn listing(root: &Path, chapter: &Path, line: &str) -> Option<String> {
    let Some(include) = INCLUDE.captures(line.trim()).filter(|found| found[0] == *line.trim())
    else {
        return Some(
            "a listing is included from a file that is compiled, `{{#include ../../examples/FILE:ANCHOR}}`, \
             or says why not on the line before its fence, `<!-- fragment: the reason -->`"
                .to_owned(),
        );
    };
    let file = target(chapter, &include[3]);
    let inside = file.strip_prefix(root).unwrap_or(&file);
    let compiled = COMPILED.iter().any(|folder| inside.starts_with(folder));
    (!compiled).then(|| format!("{} is in no folder whose code is compiled", inside.display()))
}

fn console(line: &str) -> Option<String> {
    let recorded = INCLUDE.captures(line).is_some_and(|found| found[3].starts_with("recorded/"));
    (!recorded && !line.starts_with("$ ")).then(|| {
        "console shows command lines (`$ cargo run …`) and what was recorded \
         (`{{#include recorded/NAME.txt}}`), nothing that was typed by hand"
            .to_owned()
    })
}

fn includes(chapter: &Path, text: &str) -> Found {
    let mut problems = Found::new();
    for (number, line) in text.lines().enumerate() {
        for include in INCLUDE.captures_iter(line).filter(|found| found.get(1).is_none()) {
            let file = target(chapter, &include[3]);
            let what = match files::read(&file) {
                Err(error) => Some(format!("{}: {error:#}", &include[0])),
                Ok(content) => {
                    let part = include.get(4).map_or("", |part| part.as_str());
                    missing(part, &content).map(|what| format!("{}: {what}", &include[0]))
                }
            };
            problems.extend(what.map(|what| (number + 1, what)));
        }
    }
    problems
}

/// Why `part` (an anchor, `12`, `12:20`, `:20`, `12:`) cannot be taken from a file.
fn missing(part: &str, content: &str) -> Option<String> {
    let bounds: Result<Vec<usize>, _> =
        part.split(':').filter(|bound| !bound.is_empty()).map(str::parse).collect();
    match bounds {
        Ok(lines) if lines.is_empty() => (!anchors(content).0.is_empty()).then(|| {
            "the file has anchors, which would be shown as lines of it: include one of them"
                .to_owned()
        }),
        Ok(lines) => {
            let last = lines.into_iter().max()?;
            let has = content.lines().count();
            (last > has).then(|| format!("the file has {has} lines"))
        }
        Err(_) => (!anchors(content).0.contains_key(part))
            .then(|| "no such anchor in the file".to_owned()),
    }
}

/// The anchors of a file with the lines where they begin, and what is wrong with them.
fn anchors(content: &str) -> (BTreeMap<String, usize>, Found) {
    static ANCHOR: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bANCHOR(_END)?:\s*([\w-]+)").expect("a pattern of ours"));
    let mut all = BTreeMap::new();
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    let mut problems = Found::new();
    for (number, line) in content.lines().enumerate() {
        let Some(found) = ANCHOR.captures(line) else { continue };
        let (number, name) = (number + 1, found[2].to_owned());
        if found.get(1).is_some() {
            if open.remove(&name).is_none() {
                problems.push((number, format!("the anchor {name} ends here but does not begin")));
            }
        } else if all.insert(name.clone(), number).is_some() {
            problems.push((number, format!("there is another anchor {name} above")));
        } else {
            open.insert(name, number);
        }
    }
    problems.extend(
        open.into_iter().map(|(name, line)| (line, format!("the anchor {name} is never closed"))),
    );
    (all, problems)
}

fn target(chapter: &Path, include: &str) -> PathBuf {
    files::tidy(&chapter.parent().unwrap_or(Path::new("")).join(include))
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
        assert_eq!(fences_of("<!-- fragment: -->\n```rust\nlet x = ;\n```"), [4 - 1], "no reason");
        assert_eq!(
            fences_of("<!-- fragment: one -->\n```rust\na\n```\n```rust\nb\n```"),
            [6],
            "an excuse is for one fence"
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
            includes(&chapter, text).into_iter().map(|(line, _)| line).collect::<Vec<_>>()
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

    #[test]
    fn anchors_come_in_pairs() {
        let problems = |text| anchors(text).1.into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        assert_eq!(problems("// ANCHOR: a\n// ANCHOR: b\n// ANCHOR_END: a\n# ANCHOR_END: b"), NONE);
        assert_eq!(problems("\n// ANCHOR: a"), [2]);
        assert_eq!(problems("// ANCHOR_END: a"), [1]);
        assert_eq!(
            problems("// ANCHOR: a\n// ANCHOR_END: a\n// ANCHOR: a\n// ANCHOR_END: a"),
            [3, 4]
        );
    }
}
