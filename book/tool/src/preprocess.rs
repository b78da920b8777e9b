//! What a chapter leaves to the build: parts of a page that are made from other files, so that nobody has
//! to keep them alike by hand.
//!
//! A chapter asks for such a part in an HTML comment, which any other tool leaves alone. It runs after
//! mdBook's own preprocessors, so includes are in place. In `cargo book` it runs in this process;
//! `mdbook build book` starts it as a command that speaks JSON (`cargo book preprocess`).
//!
//! - [`road`]: lesson cards, quizzes, timetables, from what each chapter says of itself;
//! - [`changed`]: what is different from one listing to the next;
//! - [`figures`]: what a timeline can be asked for;
//! - [`listing`]: where listings begin, and which keep mdBook's play button.

mod challenge;
pub(crate) mod changed;
mod comment;
mod figures;
mod lesson;
mod listing;
mod quiz;
mod road;

use std::io;
use std::path::Path;

use anyhow::{Context, anyhow};
use mdbook_driver::book::{Book, Chapter};
use mdbook_preprocessor::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::check::Problem;
pub(crate) use challenge::Challenges;
pub(crate) use road::Road;

/// Fills in what chapters leave to the build.
pub(crate) struct Preprocess;

impl Preprocessor for Preprocess {
    /// As in `book.toml`: there it is a command, which this one takes the place of.
    fn name(&self) -> &'static str {
        "many-hands"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let sources = context.root.join(&context.config.book.src);
        let road = Road::read(&context.root, &sources, &book).map_err(all)?;
        let mut outcome = Ok(());
        book.for_each_chapter_mut(|chapter| {
            if outcome.is_ok() {
                let name = chapter.name.clone();
                outcome = fill(&context.root, chapter, &road)
                    .with_context(|| format!("in the chapter {name:?}"));
            }
        });
        outcome.map(|()| book)
    }
}

/// Fills in one chapter. `book` is the folder of `book.toml`.
fn fill(book: &Path, chapter: &mut Chapter, road: &Road) -> Result<()> {
    road.fill(chapter);
    changed::fill(&book.join(".."), chapter)?;
    figures::fill(&book.join("src"), chapter);
    chapter.content = listing::prepare(&chapter.content);
    Ok(())
}

/// One error that tells all that is to be mended.
fn all(problems: Vec<Problem>) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    anyhow!("\n{}", lines.join("\n"))
}

/// As a command of mdBook's: a book comes in as JSON, and goes out.
pub(crate) fn as_command() -> anyhow::Result<()> {
    let (mut context, book) = mdbook_preprocessor::parse_input(io::stdin().lock())?;
    context.root = std::env::current_dir()?; // what mdBook says is as seen from where it was started
    let book = Preprocess.run(&context, book)?;
    serde_json::to_writer(io::stdout().lock(), &book).context("the book cannot be handed back")
}
