//! The book as a site.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::Context;
use mdbook_driver::MDBook;
use percent_encoding::percent_decode_str;
use tempfile::TempDir;

use crate::files;
use crate::preprocess::Preprocess;

/// Whom the pages are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// Any host: a listing that needs only the standard library keeps mdBook's play button, which
    /// runs it on the Rust playground.
    AnyHost,
    /// `cargo book`: steps run here, and the pages work without a network.
    ThisMachine,
}

/// Builds the book into the folder `site`.
pub(crate) fn build(root: &Path, site: &Path, whom: For) -> anyhow::Result<()> {
    let mut book = MDBook::load(root.join("book")).context("cannot read the book")?;
    book.config.build.build_dir = site.to_owned();
    let playground = "output.html.playground.runnable";
    book.config.set(playground, whom == For::AnyHost).context("cannot use book.toml")?;
    book.with_preprocessor(Preprocess);
    book.build().context("cannot build the book")
}

/// Builds the book for this machine into a folder of its own, which goes when it is dropped: pages
/// that are being served must not change under the reader, nor may two servers share them.
pub(crate) fn build_apart(root: &Path) -> anyhow::Result<TempDir> {
    let site = tempfile::tempdir()?;
    build(root, site.path(), For::ThisMachine)?;
    Ok(site)
}

/// The file that an address leads to, from a page in `folder`. `None` if it leads out of the site.
pub(crate) fn target(site: &Path, folder: &Path, address: &str) -> Option<PathBuf> {
    let target = files::tidy(&folder.join(&*decode(address)));
    if !target.starts_with(site) {
        return None;
    }
    Some(if target.is_dir() { target.join("index.html") } else { target })
}

/// Undoes `%20`.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}
