//! Thumbnails instead of the pictures themselves. Needs `cargo add image`.

use std::io::Cursor;

use image::ImageFormat;
use serde_json::{Value, json};

use crate::fetch::Download;

/// Your own flags. Every worker sees them.
#[derive(Debug, clap::Args)]
pub struct Settings {
    /// How wide and high a thumbnail is at most, in pixels
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub size: u32,
}

/// What is saved, and what the report says about it.
pub struct Made {
    pub bytes: Vec<u8>,
    pub extension: Option<&'static str>,
    pub note: Value,
}

pub fn work(settings: &Settings, download: Download) -> anyhow::Result<Made> {
    let picture = image::load_from_memory(&download.bytes)?;
    let (width, height) = (picture.width(), picture.height());
    let mut bytes = Vec::new();
    let thumbnail = picture.thumbnail(settings.size, settings.size);
    thumbnail.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    Ok(Made { bytes, extension: Some("png"), note: json!({ "width": width, "height": height }) })
}
