//! What a chapter leaves to the build: parts of a page that are made from other files, so that nobody has
//! to keep them alike by hand.
//!
//! A chapter asks for such a part in an HTML comment, which any other tool leaves alone. It runs after
//! mdBook's own preprocessors, so includes are in place. In `cargo book` it runs in this process;
//! `mdbook build book` starts it as a command that speaks JSON (`cargo book preprocess`).

mod playable;

use std::io;

use anyhow::Context;
use mdbook_driver::book::{Book, Chapter};
use mdbook_preprocessor::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

/// Fills in what chapters leave to the build.
pub(crate) struct Preprocess;

impl Preprocessor for Preprocess {
    /// As in `book.toml`: there it is a command, which this one takes the place of.
    fn name(&self) -> &'static str {
        "many-hands"
    }

    fn run(&self, _context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let mut outcome = Ok(());
        book.for_each_chapter_mut(|chapter| {
            if outcome.is_ok() {
                let name = chapter.name.clone();
                outcome = fill(chapter).with_context(|| format!("in the chapter {name:?}"));
            }
        });
        outcome.map(|()| book)
    }
}

/// Fills in one chapter.
fn fill(chapter: &mut Chapter) -> Result<()> {
    chapter.content = playable::mark(&chapter.content);
    Ok(())
}

/// As a command of mdBook's: a book comes in as JSON, and goes out.
pub(crate) fn as_command() -> anyhow::Result<()> {
    let (context, book) = mdbook_preprocessor::parse_input(io::stdin().lock())?;
    let book = Preprocess.run(&context, book)?;
    serde_json::to_writer(io::stdout().lock(), &book).context("the book cannot be handed back")
}
