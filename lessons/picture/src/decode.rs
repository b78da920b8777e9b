//! From the bytes of a file to 8-bit gray: a module for each format.

mod decoded;
mod gif;
pub(super) mod jpeg;
mod luma;
mod png;
pub(super) mod tiff;
mod webp;

use super::error::PictureError;
use super::format::Format;
use super::gray::GrayImage;

/// See [`super::decode_gray`].
pub(super) fn decode(bytes: &[u8], format: Format) -> Result<GrayImage, PictureError> {
    match format {
        Format::Jpeg => jpeg::decode(bytes),
        Format::Png => png::decode(bytes),
        Format::Gif => gif::decode(bytes),
        Format::WebP => webp::decode(bytes),
        Format::Tiff => tiff::decode(bytes),
    }
}
