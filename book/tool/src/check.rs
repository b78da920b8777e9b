//! Is the book whole, and still true?
//!
//! - [`source`]: each listing is part of a file that is compiled, and what is included exists.
//! - [`lessons()`]: the chapters of the road are whole, and what they say of themselves adds up; each answer of
//!   a quiz is what happens ([`quizzes`]).
//! - [`site`]: in the built pages, each local link leads somewhere, each picture has a text, and nothing
//!   is fetched from outside.
//! - recordings: [`stale`](crate::record::stale) and [`untrue`](crate::record::untrue).

mod lessons;
mod pages;
mod sources;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::site::For;
use crate::{record, site};
use ::hands::{eprintln, println};

pub(crate) use lessons::{check as lessons, quizzes};
pub(crate) use pages::check as pages;
pub(crate) use sources::check as source;

/// Something to mend, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    file: PathBuf,
    line: Option<usize>,
    what: String,
}

impl Problem {
    pub(crate) fn new(root: &Path, file: &Path, what: impl Into<String>) -> Self {
        let file = file.strip_prefix(root).unwrap_or(file).to_owned();
        Problem { file, line: None, what: what.into() }
    }

    pub(crate) fn line(self, line: usize) -> Self {
        Problem { line: Some(line), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.what)
    }
}

/// All checks. `run` says whether the recordings are run again, `benches` whether benchmarks are, too.
pub(crate) fn all(root: &Path, run: bool, benches: bool) -> anyhow::Result<Vec<Problem>> {
    let mut problems = source(root)?;
    let of_lessons = lessons(root)?;
    // A book whose lessons are not whole does not build.
    if of_lessons.is_empty() {
        let folder = tempfile::tempdir()?;
        site::build(root, folder.path(), For::AnyHost)?;
        problems.extend(pages(folder.path())?);
    }
    problems.extend(of_lessons);
    problems.extend(record::stale(root)?);
    if run {
        problems.extend(quizzes(root)?);
        problems.extend(record::untrue(root, benches)?);
    }
    Ok(problems)
}

/// Says what was found.
pub(crate) fn report(problems: &[Problem]) -> anyhow::Result<ExitCode> {
    for problem in problems {
        eprintln!("{problem}");
    }
    Ok(match problems.len() {
        0 => {
            println!("The book is whole.");
            ExitCode::SUCCESS
        }
        n => {
            eprintln!("\n{n} to mend.");
            ExitCode::FAILURE
        }
    })
}

/// The book itself, as tests: `cargo test -p book` fails where `cargo book check` does.
#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn none(problems: anyhow::Result<Vec<Problem>>) {
        let problems = problems.unwrap();
        let text: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert!(problems.is_empty(), "\n{}", text.join("\n"));
    }

    #[test]
    fn every_listing_is_part_of_a_file_that_is_compiled() {
        none(source(harness::root()));
    }

    #[test]
    fn every_lesson_is_whole() {
        none(lessons(harness::root()));
    }

    #[test]
    fn every_answer_of_a_quiz_is_what_happens() {
        none(quizzes(harness::root()));
    }

    #[test]
    fn the_book_builds_and_its_links_lead_somewhere() {
        let folder = tempfile::tempdir().unwrap();
        site::build(harness::root(), folder.path(), For::AnyHost).unwrap();
        none(pages(folder.path()));
    }

    #[test]
    fn every_recording_was_made_with_the_command_it_shows() {
        none(record::stale(harness::root()));
    }

    #[test]
    fn what_was_recorded_is_still_true() {
        none(record::untrue(harness::root(), false));
    }
}
