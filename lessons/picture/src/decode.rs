//! From a file's bytes to 8-bit gray.

mod gif;
pub(super) mod jpeg;
mod luma;
mod png;
pub(super) mod tiff;
mod webp;

use super::orientation::{self, Orientation};
use super::{Format, GrayImage, MAX_BYTES, MAX_SIDE, PictureError};

/// See [`super::decode_gray`].
pub(super) fn decode(bytes: &[u8], format: Format) -> Result<GrayImage, PictureError> {
    let decoded = match format {
        Format::Jpeg => jpeg::decode(bytes)?,
        Format::Png => png::decode(bytes)?,
        Format::Gif => gif::decode(bytes)?,
        Format::WebP => webp::decode(bytes)?,
        Format::Tiff => tiff::decode(bytes)?,
    };
    Ok(orientation::turn_upright(decoded.gray, decoded.orientation))
}

/// The picture as the file holds it, and how to turn it.
struct Decoded {
    gray: GrayImage,
    orientation: Orientation,
}

impl Decoded {
    /// `gray` holds a byte for each pixel.
    fn new(width: usize, height: usize, gray: Vec<u8>, orientation: Orientation) -> Self {
        let gray = GrayImage::from_pixels(width as u32, height as u32, gray);
        Self { gray: gray.expect("a byte for each pixel"), orientation }
    }
}

/// `bytes` is what all channels of the picture take.
fn check_size(width: u64, height: u64, bytes: u64) -> Result<(), PictureError> {
    if width.max(height) > MAX_SIDE.into() || bytes > MAX_BYTES {
        return Err(PictureError::TooLarge { width, height });
    }
    Ok(())
}

fn unsupported(what: &str) -> PictureError {
    PictureError::Unsupported { what: what.to_string() }
}
