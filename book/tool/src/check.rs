//! Is the book whole, and still true?
//!
//! - [`source`]: each listing is part of a file that is compiled, and what is included exists.
//! - [`glossary()`]: each term is linked from where it is used.
//! - [`lessons()`]: the chapters of the road are complete, and what they say about themselves adds
//!   up.
//! - [`quizzes`]: each right answer of a quiz is what happens, and no wrong answer is.
//! - [`pages()`]: in the built pages, each local link leads somewhere, each picture has a text, and
//!   nothing is fetched from outside.
//! - recordings: [`stale`](crate::record::stale) and [`untrue`](crate::record::untrue).

mod glossary;
mod lessons;
mod pages;
mod sources;

use std::path::Path;
use std::process::ExitCode;

use hands::{eprintln, println};

use crate::problem::Problem;
use crate::site::For;
use crate::{record, site};

pub(crate) use glossary::check as glossary;
pub(crate) use lessons::{check as lessons, quizzes};
pub(crate) use pages::check as pages;
pub(crate) use sources::check as source;

/// Prints what is wrong with the sources. The book is built all the same: a writer wants to see it.
pub(crate) fn warn(root: &Path) -> anyhow::Result<()> {
    for problem in source(root)? {
        eprintln!("warning: {problem}");
    }
    Ok(())
}

/// All checks. `run` says whether quizzes and recordings are run again, `benches` whether
/// benchmarks are, too.
pub(crate) fn all(root: &Path, run: bool, benches: bool) -> anyhow::Result<Vec<Problem>> {
    let mut problems = source(root)?;
    let in_lessons = lessons(root)?;
    // A book with problems in its sources or lessons does not build.
    if problems.is_empty() && in_lessons.is_empty() {
        let folder = tempfile::tempdir()?;
        site::build(root, folder.path(), For::AnyHost, None)?;
        problems.extend(pages(folder.path())?);
    }
    problems.extend(in_lessons);
    problems.extend(glossary(root)?);
    problems.extend(record::stale(root)?);
    if run {
        problems.extend(quizzes(root)?);
        problems.extend(record::untrue(root, benches)?);
    }
    Ok(problems)
}

/// Prints the problems, and says by its exit code whether there are any.
pub(crate) fn report(problems: &[Problem]) -> ExitCode {
    for problem in problems {
        eprintln!("{problem}");
    }
    if problems.is_empty() {
        println!("The book is whole.");
        return ExitCode::SUCCESS;
    }
    eprintln!("\nProblems: {}", problems.len());
    ExitCode::FAILURE
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
    fn every_term_of_the_glossary_is_linked() {
        none(glossary(harness::root()));
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
        site::build(harness::root(), folder.path(), For::AnyHost, None).unwrap();
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
