//! The book as a site.

use std::path::{Path, PathBuf};

use anyhow::Context;
use mdbook_driver::MDBook;
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
    let target = files::tidy(&folder.join(decode(address)));
    if !target.starts_with(site) {
        return None;
    }
    Some(if target.is_dir() { target.join("index.html") } else { target })
}

/// Undoes `%20`.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
