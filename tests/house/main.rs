//! What CONTRIBUTING.md promises about the code, counted.

mod circles;
mod code;
mod shapes;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use harness::root;

use circles::circles;

/// How many lines a step may have, and an exception.
const STEP: usize = 90;
const EXCEPTION: usize = 120;

/// The steps that may be longer, at most two. CONTRIBUTING.md gives the reasons.
const EXCEPTIONS: &[&str] = &["03_pool.rs"];

/// How many lines a file may have, and one with tests.
const FILE: usize = 400;
const TESTS: usize = 500;

/// All Rust in the tree, by its path from the root.
fn files() -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = entry.file_name().to_string_lossy().into_owned();
            // What is built, what git keeps, and the reader's own answers are none of ours.
            let is_ours = name != "target"
                && !name.starts_with('.')
                && !["challenges", "book/book"].map(Path::new).contains(&&*path);
            if entry.file_type().unwrap().is_dir() && is_ours {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.insert(path, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    files
}

/// Fails with all that break a rule, one to a line.
#[track_caller]
fn nobody_breaks(rule: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{rule}:\n{}", offenders.join("\n"));
}

fn is_step(file: &Path) -> bool {
    file.starts_with("examples")
}

fn is_test(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == "tests") || file.ends_with("tests.rs")
}

/// The lines of a step as the book shows it, without the marks of its listings.
fn lines_of_step(text: &str) -> usize {
    text.lines().filter(|line| !line.trim_start().starts_with("// ANCHOR")).count()
}

/// Each file that has more lines than it may have.
fn too_long<'f>(
    files: impl IntoIterator<Item = (&'f PathBuf, &'f String)>,
    lines: fn(&str) -> usize,
    limit: impl Fn(&Path) -> usize,
) -> Vec<String> {
    let found = files.into_iter().filter_map(|(file, text)| {
        let (lines, limit) = (lines(text), limit(file));
        (lines > limit).then(|| format!("{}: {lines} lines of {limit}", file.display()))
    });
    found.collect()
}

#[test]
fn a_step_is_a_page() {
    let steps: BTreeMap<_, _> = files().into_iter().filter(|(file, _)| is_step(file)).collect();
    assert!(steps.len() >= 18, "{:?}", steps.keys());
    let name = |file: &Path| file.strip_prefix("examples").unwrap().display().to_string();
    let limit = |file: &Path| {
        if EXCEPTIONS.contains(&&*name(file)) { EXCEPTION } else { STEP }
    };
    nobody_breaks("a step is a page", &too_long(&steps, lines_of_step, limit));
    assert!(EXCEPTIONS.len() <= 2);
    let contributing = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    for exception in EXCEPTIONS {
        let file = Path::new("examples").join(exception);
        assert!(steps.contains_key(&file), "{exception} is gone");
        let named = format!("`{}`", exception.trim_end_matches(".rs"));
        assert!(contributing.contains(&named), "why is {exception} so long?");
    }
}

#[test]
fn a_file_has_one_reason_and_at_most_400_lines() {
    let limit = |file: &Path| if is_test(file) { TESTS } else { FILE };
    nobody_breaks("too long", &too_long(&files(), |text| text.lines().count(), limit));
}

#[test]
fn arrows_between_files_run_one_way() {
    let arrow =
        |(from, to): &(PathBuf, PathBuf)| format!("{} → {}\n", from.display(), to.display());
    // Unit tests may use whatever they like.
    let is_unit_test =
        |file: &Path| is_test(file) && file.components().any(|part| part.as_os_str() == "src");
    let circles = circles(&files().into_iter().filter(|(file, _)| !is_unit_test(file)).collect());
    let listed: Vec<String> =
        circles.iter().map(|circle| circle.iter().map(arrow).collect()).collect();
    nobody_breaks("circles, a block for each", &listed);
}

/// All lines of our files that break a rule, by their places.
fn lines_that(break_it: fn(&str) -> Vec<usize>, may: fn(&Path) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in files().into_iter().filter(|(file, _)| !may(file)) {
        let place = |line| format!("{}:{line}", file.display());
        found.extend(break_it(&text).into_iter().map(place));
    }
    found
}

#[test]
fn a_choice_between_two_is_an_if() {
    let found = lines_that(shapes::not_an_if, |_| false);
    nobody_breaks(
        "a match on true and false or on (), a .filter(|_| …), a `let _ = … && …`",
        &found,
    );
}

#[test]
fn a_function_has_at_most_60_lines() {
    nobody_breaks("more than 60 lines", &lines_that(shapes::long_functions, is_test));
}

#[test]
fn a_comment_ends_before_column_100() {
    // What readers of a challenge are given is as wide as its author likes.
    let is_exercise = |file: &Path| file.starts_with("lessons/challenges/exercises");
    nobody_breaks("more than 100 columns", &lines_that(shapes::wide_comments, is_exercise));
}

#[test]
fn what_is_too_long_is_found() {
    let file = |lines| ("line\n".repeat(lines), lines);
    for (path, limit) in [("a/src/b.rs", 400), ("a/src/b/tests.rs", 500), ("tests/c.rs", 500)] {
        for (text, lines) in [file(limit), file(limit + 1)] {
            let files = BTreeMap::from([(PathBuf::from(path), text)]);
            let limit = |file: &Path| if is_test(file) { TESTS } else { FILE };
            let found = too_long(&files, |text| text.lines().count(), limit);
            assert_eq!(found.len(), usize::from(lines > limit(Path::new(path))), "{path} {lines}");
        }
    }
    assert_eq!(lines_of_step("a\n// ANCHOR: b\nc\n    // ANCHOR_END: b\n"), 2);
}
