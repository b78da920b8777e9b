//! The book to take along: an EPUB, and PDFs of the book, of slides and of a handout.
//!
//! - [`chapters`]: the chapters of the built site, in order;
//! - [`flat`]: a chapter without what needs a screen: tabs, folds, buttons;
//! - [`book`]: all of them, with answers at the end and links that lead within it;
//! - [`xhtml`]: HTML as XML readers want it;
//! - [`zip`]: the container of an EPUB;
//! - [`mod@epub`]: the EPUB itself;
//! - [`slides`]: slides and a handout, from lesson cards, timelines and key points;
//! - [`mod@print`]: HTML on paper, by Chromium.

mod book;
mod chapters;
mod epub;
mod flat;
mod print;
mod slides;
mod xhtml;
mod zip;

pub(crate) use epub::write as epub;
pub(crate) use print::{Paper, What, write as pdf};
