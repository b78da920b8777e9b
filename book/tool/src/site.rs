//! The book as a site.

use std::path::Path;

use anyhow::Context;
use mdbook_driver::MDBook;

use crate::preprocess::Preprocess;

/// For whom the pages are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// Any host: a listing that needs nothing but the standard library keeps mdBook's play button, which
    /// runs it on the Rust playground when the reader presses it.
    AnyHost,
    /// `cargo book`: what runs, runs here. The pages work without a network.
    ThisMachine,
}

/// Builds the book into the folder `site`.
pub(crate) fn build(root: &Path, site: &Path, whom: For) -> anyhow::Result<()> {
    let mut book = MDBook::load(root.join("book")).context("the book cannot be read")?;
    book.config.build.build_dir = site.to_owned();
    let playground = "output.html.playground.runnable";
    book.config.set(playground, whom == For::AnyHost).context("book.toml cannot be understood")?;
    book.with_preprocessor(Preprocess);
    book.build().context("the book cannot be built")
}
