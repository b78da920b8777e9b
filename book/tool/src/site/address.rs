//! Which file an address on a page leads to.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::files;

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
