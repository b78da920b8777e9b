//! The book as a site.

use std::path::Path;

use anyhow::Context;
use mdbook_driver::MDBook;

use crate::preprocess::Preprocess;

/// Builds the book into the folder `site`.
pub(crate) fn build(root: &Path, site: &Path) -> anyhow::Result<()> {
    let mut book = MDBook::load(root.join("book")).context("the book cannot be read")?;
    book.config.build.build_dir = site.to_owned();
    book.with_preprocessor(Preprocess);
    book.build().context("the book cannot be built")
}
