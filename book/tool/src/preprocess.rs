//! What a chapter leaves to the build: parts of a page that are made from other files, so that
//! nobody has to keep the two in step by hand.
//!
//! A chapter asks for such a part in an HTML comment, which all other tools ignore. This runs after
//! mdBook's own preprocessors, so includes are filled in. `cargo book` runs it in its own process;
//! `mdbook build book` starts it as a command that speaks JSON (`cargo book preprocess`).
//!
//! - [`road`]: lesson cards, quizzes and timetables, from what each chapter says about itself;
//! - [`changed`]: what is different from one listing to the next;
//! - [`figures`]: what a reader can do with a timeline;
//! - [`output`]: recorded output, folded to what matters;
//! - [`notes`]: notes beside a listing;
//! - [`listing`]: where listings begin, and which keep mdBook's play button.

mod challenge;
pub(crate) mod changed;
mod figures;
mod lesson;
mod listing;
mod message;
pub(crate) mod notes;
mod output;
mod quiz;
mod road;
mod stop;
mod timetable;
mod welcome;

use std::io;
use std::path::Path;

use anyhow::{Context, anyhow};
use mdbook_driver::book::{Book, BookItem, Chapter};
use mdbook_preprocessor::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::problem::Problem;
pub(crate) use challenge::Challenges;
pub(crate) use lesson::{Lesson, Session};
pub(crate) use quiz::Quiz;
pub(crate) use road::Road;

/// Fills in what chapters leave to the build.
pub(crate) struct Preprocess;

impl Preprocessor for Preprocess {
    /// As in `book.toml`, whose command this one replaces.
    fn name(&self) -> &'static str {
        "many-hands"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let sources = context.root.join(&context.config.book.src);
        let road = Road::read(&context.root, &sources, &book).map_err(all)?;
        fill_all(&context.root, &mut book.items, &road)?;
        Ok(book)
    }
}

/// Fills in these chapters, and those below them.
fn fill_all(book: &Path, items: &mut [BookItem], road: &Road) -> Result<()> {
    for item in items {
        let BookItem::Chapter(chapter) = item else { continue };
        let filled = fill(book, chapter, road);
        filled.with_context(|| format!("in the chapter {:?}", chapter.name))?;
        fill_all(book, &mut chapter.sub_items, road)?;
    }
    Ok(())
}

/// Fills in one chapter. `book` is the folder of `book.toml`.
fn fill(book: &Path, chapter: &mut Chapter, road: &Road) -> Result<()> {
    road.fill(chapter);
    changed::fill(&book.join(".."), chapter)?;
    figures::fill(&book.join("src"), chapter);
    let text = output::fold(&chapter.content);
    chapter.content = listing::prepare(&notes::fill(&text)?);
    Ok(())
}

/// One error that lists all problems.
fn all(problems: Vec<Problem>) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    anyhow!("\n{}", lines.join("\n"))
}

/// Runs as a command of mdBook's: the book comes in as JSON, and goes out.
pub(crate) fn as_command() -> anyhow::Result<()> {
    let (mut context, book) = mdbook_preprocessor::parse_input(io::stdin().lock())?;
    context.root = std::env::current_dir()?; // mdBook's path starts where it was started
    let book = Preprocess.run(&context, book)?;
    serde_json::to_writer(io::stdout().lock(), &book).context("cannot hand the book back")
}
