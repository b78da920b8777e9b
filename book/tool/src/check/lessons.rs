//! Checks of the chapters of the road as lessons.
//!
//! - What a chapter says about itself is complete and adds up, and so is its quiz: [`Road::read`].
//! - A chapter has two mistakes, exercises, and notes for the instructor.
//! - A mistake comes with everything that belongs to it: what the compiler says or the program
//!   prints, and the fix. No mistake is left that no page shows.
//! - A chapter has two to four challenges, and each challenge belongs to a chapter of the road.
//! - The README lists the chapters of the road, in order.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;
use hands::pool::ThreadPool;
use mdbook_driver::MDBook;

use crate::files;
use crate::include::includes;
use crate::markdown::headings;
use crate::preprocess::{Quiz, Road};
use crate::problem::{Found, Problem};

/// How many quizzes are run at a time.
const AT_ONCE: usize = 3;

pub(crate) fn check(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let road = match read(root)? {
        Ok(road) => road,
        Err(problems) => return Ok(problems),
    };
    let folder = root.join("book");
    let mut problems = Vec::new();
    let mut shown = BTreeSet::new();
    for stop in &road.stops {
        let file = folder.join("src").join(format!("{}.md", stop.name));
        let text = files::read(&file)?;
        problems.extend(Problem::all(root, &file, shape(&folder, &stop.name, &text)));
        shown.extend(included(&text));
    }
    let mistakes = files::with_extensions(&folder.join("mistakes"), &["rs", "stderr", "stdout"])?;
    for file in mistakes.into_iter().chain(files::with_extensions(&folder.join("fixes"), &["rs"])?)
    {
        let name = file.strip_prefix(&folder).unwrap_or(&file);
        if !shown.contains(&*name.to_string_lossy()) {
            problems.push(Problem::new(root, &file, "no chapter of the road shows it"));
        }
    }
    problems.extend(unasked(root, &folder.join("quizzes"), &road)?);
    problems.extend(challenges(root, &road));
    let readme = root.join("README.md");
    let links = road.stops.iter().map(|stop| (&*stop.title, &*stop.name));
    let unlisted = unlisted(&files::read(&readme)?, links).into_iter();
    problems.extend(unlisted.map(|what| Problem::new(root, &readme, what)));
    Ok(problems)
}

/// Runs what the quizzes ask about: is each right answer right, and each wrong one wrong?
pub(crate) fn quizzes(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let road = match read(root)? {
        Ok(road) => road,
        Err(problems) => return Ok(problems),
    };
    let folder = root.join("book");
    let untrue = move |quiz: Quiz| quiz.untrue(&folder);
    let problems = ThreadPool::new(AT_ONCE)?.map(untrue, road.into_quizzes())?;
    Ok(problems.into_iter().flatten().collect())
}

fn read(root: &Path) -> anyhow::Result<Result<Road, Vec<Problem>>> {
    let folder = root.join("book");
    let book = MDBook::load(&folder).context("cannot read the book")?;
    Ok(Road::read(&folder, &folder.join("src"), &book.book))
}

/// The files of quizzes that no chapter asks for.
fn unasked(root: &Path, quizzes: &Path, road: &Road) -> anyhow::Result<Vec<Problem>> {
    let mut asked: BTreeSet<String> =
        road.stops.iter().map(|stop| format!("{}.toml", stop.name)).collect();
    asked.extend(road.stops.iter().flat_map(|stop| stop.quiz.programs().map(str::to_owned)));
    let mut files = files::with_extensions(quizzes, &["rs", "toml"])?;
    files.retain(|file| {
        let name = file.strip_prefix(quizzes).unwrap_or(file);
        !asked.contains(&*name.to_string_lossy())
    });
    let problem = |file| Problem::new(root, file, "no quiz of the road asks about it");
    Ok(files.iter().map(|file| problem(file)).collect())
}

/// Chapters with too few challenges or too many, and challenges without a chapter. A page beside a
/// chapter, such as `04b_cancel`, may leave them to the chapter.
fn challenges(root: &Path, road: &Road) -> Vec<Problem> {
    let list = root.join("lessons/challenges/challenges.toml");
    let mut problems = Vec::new();
    for stop in &road.stops {
        let count = road.challenges.names_on(&stop.name).count();
        let is_chapter = stop.name.as_bytes().get(2) == Some(&b'_');
        if is_chapter && !(2..=4).contains(&count) {
            let what = format!("{}.md has {count} challenges, not two to four", stop.name);
            problems.push(Problem::new(root, &list, what));
        }
    }
    for page in road.challenges.pages() {
        if !road.stops.iter().any(|stop| stop.name == page) {
            let names: Vec<&str> = road.challenges.names_on(page).collect();
            let what = format!("{}: {page}.md is not a chapter of the road", names.join(", "));
            problems.push(Problem::new(root, &list, what));
        }
    }
    problems
}

const MISTAKES: &str = "## Two mistakes";

/// What a chapter lacks.
fn shape(folder: &Path, name: &str, text: &str) -> Found {
    let headings: Vec<(usize, &str)> = headings(text).collect();
    let mut found = Found::new();
    if !headings.iter().any(|(_, heading)| *heading == "## Exercises") {
        found.push((1, "the chapter has no ## Exercises".to_owned()));
    }
    if !text.lines().any(|line| line == "<details class=\"instructor\">") {
        found.push((1, "the chapter has no <details class=\"instructor\">".to_owned()));
    }
    let mut rest = headings.iter().skip_while(|(_, heading)| *heading != MISTAKES);
    let Some((begin, _)) = rest.next() else {
        found.push((1, format!("the chapter has no {MISTAKES}")));
        return found;
    };
    let next = rest.find(|(_, heading)| heading.starts_with("## ")).map(|(line, _)| line - 1);
    let end = next.unwrap_or_else(|| text.lines().count());
    let section: Vec<&str> = text.lines().take(end).skip(*begin).collect();
    let wrong = mistakes(folder, name, &included(&section.join("\n")));
    found.extend(wrong.into_iter().map(|what| (*begin, what)));
    found
}

/// What is wrong with the mistakes that a chapter shows.
fn mistakes(folder: &Path, chapter: &str, shown: &BTreeSet<String>) -> Vec<String> {
    let number = chapter.split('_').next().unwrap_or(chapter);
    let names = shown.iter();
    let mistakes: Vec<&str> =
        names.filter_map(|file| file.strip_prefix("mistakes/")?.strip_suffix(".rs")).collect();
    let mut found = Vec::new();
    if mistakes.len() != 2 {
        found.push(format!("the number of mistakes here is {}, not two", mistakes.len()));
    }
    for mistake in mistakes {
        if !mistake.starts_with(&format!("{number}_")) {
            found.push(format!("{mistake} does not belong to chapter {number}"));
        }
        for extension in ["stderr", "stdout"] {
            let file = format!("mistakes/{mistake}.{extension}");
            if folder.join(&file).exists() && !shown.contains(&file) {
                found.push(format!("{mistake} is shown without {file}"));
            }
        }
        let fix = format!("fixes/{mistake}.rs");
        if !shown.contains(&fix) {
            found.push(format!("{mistake} is shown without its fix, {fix}"));
        }
    }
    found
}

/// The mistakes and fixes that a text includes, by their path from the book's folder.
fn included(text: &str) -> BTreeSet<String> {
    let paths = includes(text).filter_map(|include| include.path.strip_prefix("../"));
    let is_ours = |path: &&str| path.starts_with("mistakes/") || path.starts_with("fixes/");
    paths.filter(is_ours).map(str::to_owned).collect()
}

/// The chapters that a page of links does not list in their order.
fn unlisted<'a>(text: &str, chapters: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut missing = Vec::new();
    let mut last = 0;
    for (title, name) in chapters {
        let link = format!("[{title}](book/src/{name}.md)");
        match text.find(&link) {
            None => missing.push(format!("the list of the road lacks {link}")),
            Some(at) if at < last => missing.push(format!("{link} comes too early")),
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
            ["the number of mistakes here is 1, not two"]
        );
        assert_eq!(said(&WHOLE.replace("99_b", "98_b")), ["98_b does not belong to chapter 99"]);
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
            ["the list of the road lacks [One](book/src/01_a.md)"]
        );
        assert_eq!(
            said("[Two](book/src/02_b.md) [One](book/src/01_a.md)"),
            ["[Two](book/src/02_b.md) comes too early"]
        );
    }
}
