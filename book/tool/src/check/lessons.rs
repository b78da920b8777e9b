//! Checks of the chapters of the road as lessons.
//!
//! - What a chapter says of itself is whole and adds up, its quiz too: [`Road::read`].
//! - A chapter has two mistakes, exercises, and notes for the instructor.
//! - A mistake is shown with all that belongs to it: what the compiler says or the program prints, and
//!   the fix. Nothing lies about that no page shows.
//! - A chapter has two or three challenges, and each challenge stands in a chapter of the road.
//! - The README lists the chapters of the road, in their order.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::Context;
use mdbook_driver::MDBook;
use regex::Regex;

use super::Problem;
use crate::files;
use crate::preprocess::Road;

pub(crate) fn check(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let folder = root.join("book");
    let book = MDBook::load(&folder).context("the book cannot be read")?;
    let sources = folder.join(&book.config.book.src);
    let road = match Road::read(&folder, &sources, &book.book) {
        Ok(road) => road,
        Err(problems) => return Ok(problems),
    };
    let mut problems = Vec::new();
    let mut shown = BTreeSet::new();
    for stop in road.stops() {
        let file = sources.join(format!("{}.md", stop.name));
        let text = files::read(&file)?;
        for (line, what) in shape(&folder, &stop.name, &text) {
            problems.push(Problem::new(root, &file, what).line(line));
        }
        shown.extend(included(&text));
    }
    for lying in ["mistakes", "fixes"] {
        for extension in ["rs", "stderr", "stdout"] {
            for file in files::with_extension(&folder.join(lying), extension)? {
                let name =
                    file.strip_prefix(&folder).unwrap_or(&file).to_string_lossy().into_owned();
                if !shown.contains(&name) {
                    problems.push(Problem::new(root, &file, "no chapter of the road shows it"));
                }
            }
        }
    }
    let quizzes = folder.join("quizzes");
    let mut asked: BTreeSet<String> =
        road.stops().iter().map(|stop| format!("{}.toml", stop.name)).collect();
    asked.extend(road.quizzes().flat_map(|quiz| quiz.programs().map(str::to_owned)));
    for extension in ["rs", "toml"] {
        for file in files::with_extension(&quizzes, extension)? {
            let name = file.strip_prefix(&quizzes).unwrap_or(&file);
            if !asked.contains(&*name.to_string_lossy()) {
                problems.push(Problem::new(root, &file, "no quiz of the road asks for it"));
            }
        }
    }
    let list = root.join("lessons/challenges/challenges.toml");
    for stop in road.stops() {
        let number = road.challenges().of(&stop.name).count();
        if !(2..=3).contains(&number) {
            let what = format!("{number} challenges stand in {}.md, not two or three", stop.name);
            problems.push(Problem::new(root, &list, what));
        }
    }
    for page in road.challenges().pages() {
        if !road.stops().iter().any(|stop| stop.name == page) {
            let names: Vec<&str> = road.challenges().of(page).collect();
            let what = format!("{}: {page}.md is no chapter of the road", names.join(", "));
            problems.push(Problem::new(root, &list, what));
        }
    }
    let readme = root.join("README.md");
    let links = road.stops().iter().map(|stop| (&*stop.title, &*stop.name));
    problems.extend(
        unlisted(&files::read(&readme)?, links)
            .into_iter()
            .map(|what| Problem::new(root, &readme, what)),
    );
    Ok(problems)
}

/// Runs what the quizzes ask about: is each right answer right, and each wrong one wrong?
pub(crate) fn quizzes(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let folder = root.join("book");
    let book = MDBook::load(&folder).context("the book cannot be read")?;
    let sources = folder.join(&book.config.book.src);
    Ok(match Road::read(&folder, &sources, &book.book) {
        Ok(road) => road.quizzes().flat_map(|quiz| quiz.untrue(&folder)).collect(),
        Err(problems) => problems,
    })
}

const MISTAKES: &str = "## Two mistakes";

/// What is missing in a chapter.
fn shape(folder: &Path, name: &str, text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for part in ["## Exercises", "<details class=\"instructor\">"] {
        if !text.lines().any(|line| line == part) {
            found.push((1, format!("the chapter has no {part}")));
        }
    }
    let lines: Vec<&str> = text.lines().collect();
    let Some(begin) = lines.iter().position(|line| *line == MISTAKES) else {
        found.push((1, format!("the chapter has no {MISTAKES}")));
        return found;
    };
    let rest = &lines[begin + 1..];
    let end = rest.iter().position(|line| line.starts_with("## ")).unwrap_or(rest.len());
    let shown = included(&rest[..end].join("\n"));
    let number = name.split('_').next().unwrap_or(name);
    let mistakes: Vec<&str> = shown
        .iter()
        .filter_map(|file| file.strip_prefix("mistakes/")?.strip_suffix(".rs"))
        .collect();
    let line = begin + 1;
    if mistakes.len() != 2 {
        found.push((line, format!("{} mistakes are shown here, not two", mistakes.len())));
    }
    for mistake in mistakes {
        if !mistake.starts_with(&format!("{number}_")) {
            found.push((line, format!("{mistake} is not of chapter {number}")));
        }
        for file in ["stderr", "stdout"].map(|extension| format!("mistakes/{mistake}.{extension}"))
        {
            if folder.join(&file).exists() && !shown.contains(&file) {
                found.push((line, format!("{mistake} is shown without {file}")));
            }
        }
        let fix = format!("fixes/{mistake}.rs");
        if !shown.contains(&fix) {
            found.push((line, format!("{mistake} is shown without its fix, {fix}")));
        }
    }
    found
}

/// What a text includes of the mistakes and their fixes, by its path from the book's folder.
fn included(text: &str) -> BTreeSet<String> {
    static FILE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\{\{#include \.\./((?:mistakes|fixes)/[^}:]+)").expect("a pattern of ours")
    });
    FILE.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// The chapters that a page of links does not list, in their order.
fn unlisted<'a>(text: &str, chapters: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut missing = Vec::new();
    let mut last = 0;
    for (title, name) in chapters {
        let link = format!("[{title}](book/src/{name}.md)");
        match text.find(&link) {
            None => missing.push(format!("the road is listed without {link}")),
            Some(at) if at < last => missing.push(format!("{link} stands too early")),
            Some(at) => last = at,
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "## Two mistakes\n\
        {{#include ../mistakes/99_a.rs}}\n{{#include ../mistakes/99_a.stderr}}\n\
        {{#include ../fixes/99_a.rs:fix}}\n\
        {{#include ../mistakes/99_b.rs}}\n{{#include ../fixes/99_b.rs}}\n\
        ## Exercises\n<details class=\"instructor\">\n";

    fn said(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        files::write(&folder.path().join("mistakes/99_a.stderr"), "error").unwrap();
        shape(folder.path(), "99_end", text).into_iter().map(|(_, what)| what).collect()
    }

    #[test]
    fn a_whole_chapter_has_no_problems() {
        assert_eq!(said(WHOLE), [""; 0]);
    }

    #[test]
    fn a_mistake_is_shown_with_all_that_belongs_to_it() {
        let without = |part: &str| said(&WHOLE.replace(part, ""));
        assert_eq!(
            without("{{#include ../mistakes/99_a.stderr}}"),
            ["99_a is shown without mistakes/99_a.stderr"]
        );
        assert_eq!(
            without("{{#include ../fixes/99_b.rs}}"),
            ["99_b is shown without its fix, fixes/99_b.rs"]
        );
        assert_eq!(
            without("{{#include ../mistakes/99_b.rs}}"),
            ["1 mistakes are shown here, not two"]
        );
        assert_eq!(said(&WHOLE.replace("99_b", "98_b")), ["98_b is not of chapter 99"]);
    }

    #[test]
    fn a_chapter_has_all_its_parts() {
        assert_eq!(
            said("text\n"),
            [
                "the chapter has no ## Exercises",
                "the chapter has no <details class=\"instructor\">",
                "the chapter has no ## Two mistakes"
            ]
        );
    }

    #[test]
    fn each_chapter_is_listed_in_order() {
        let chapters = [("One", "01_a"), ("Two", "02_b")];
        let said = |text| unlisted(text, chapters.into_iter());
        assert_eq!(said("[One](book/src/01_a.md)\n[Two](book/src/02_b.md)"), [""; 0]);
        assert_eq!(
            said("[Two](book/src/02_b.md)"),
            ["the road is listed without [One](book/src/01_a.md)"]
        );
        assert_eq!(
            said("[Two](book/src/02_b.md) [One](book/src/01_a.md)"),
            ["[Two](book/src/02_b.md) stands too early"]
        );
    }
}
