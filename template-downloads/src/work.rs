//! CHANGE THIS FILE: what you do with each download, and the settings you need for it.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::fetch::Download;

/// Your own flags. Every worker sees them.
#[derive(Debug, clap::Args)]
pub struct Settings {
    /// Refuse what is smaller than this, in bytes
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub at_least: usize,
}

/// What is saved, and what the report says about it.
pub struct Made {
    /// The content of the file.
    pub bytes: Vec<u8>,
    /// What its name ends with: `png`. `None` keeps the end of the link.
    pub extension: Option<&'static str>,
    /// Anything you like.
    pub note: Value,
}

/// Your work on one download. Several workers call it at once. An error, a panic or a time-out
/// goes into the report, and the rest goes on.
pub fn work(settings: &Settings, download: Download) -> anyhow::Result<Made> {
    let size = download.bytes.len();
    ensure!(size >= settings.at_least, "only {size} bytes, fewer than --at-least");
    Ok(Made { bytes: download.bytes, extension: None, note: json!({ "bytes": size }) })
}
