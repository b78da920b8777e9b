//! The book as a site: mdBook's pages, finished by us.
//!
//! - [`address`]: which file an address on a page leads to;
//! - [`finish`]: goes through the built pages, and asks the others for their part;
//! - [`card`]: what a page says about itself to search engines and to whoever is sent a link;
//! - [`picture`]: the picture that goes with such a link;
//! - [`fit`]: what makes a page fit any screen;
//! - [`sections`]: the search index;
//! - [`styles`]: all styles in one file.

mod address;
mod card;
mod finish;
mod fit;
mod picture;
mod sections;
mod styles;

use std::path::Path;

use anyhow::Context;
use mdbook_driver::MDBook;
use tempfile::TempDir;

use crate::preprocess::Preprocess;

pub(crate) use address::{decode, target};

/// Whom the pages are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// Any host: a listing that needs only the standard library keeps mdBook's play button, which
    /// runs it on the Rust playground.
    AnyHost,
    /// `cargo book`: steps run here, and the pages work without a network.
    ThisMachine,
}

/// Builds the book into the folder `site`. `url` is the address that it will have, if that's known.
pub(crate) fn build(root: &Path, site: &Path, whom: For, url: Option<&str>) -> anyhow::Result<()> {
    let mut book = MDBook::load(root.join("book")).context("cannot read the book")?;
    book.config.build.build_dir = site.to_owned();
    let playground = "output.html.playground.runnable";
    book.config.set(playground, whom == For::AnyHost).context("cannot use book.toml")?;
    if let Some(path) = url.and_then(path_of) {
        book.config.set("output.html.site-url", path).context("cannot use book.toml")?;
    }
    book.with_preprocessor(Preprocess);
    book.build().context("cannot build the book")?;
    finish::finish(&root.join("book"), site, url)
}

/// The path of an address: `/many-hands/` of `https://example.org/many-hands/`.
fn path_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.find('/').map(|at| &rest[at..])
}

/// Builds the book for this machine into a folder of its own, which goes when it is dropped: pages
/// that are being served must not change under the reader, nor may two servers share them.
pub(crate) fn build_apart(root: &Path) -> anyhow::Result<TempDir> {
    let site = tempfile::tempdir()?;
    build(root, site.path(), For::ThisMachine, None)?;
    Ok(site)
}
