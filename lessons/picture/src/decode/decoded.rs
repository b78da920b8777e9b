//! What every decoder returns, and the limits that it checks first.

use crate::error::PictureError;
use crate::gray::GrayImage;
use crate::limits::{MAX_BYTES, MAX_SIDE};
use crate::orientation::Orientation;

/// The picture as the file has it, and how to turn it.
pub(super) struct Decoded {
    pub(super) gray: GrayImage,
    pub(super) orientation: Orientation,
}

impl Decoded {
    /// `gray` has a byte for each pixel.
    pub(super) fn new(
        width: usize,
        height: usize,
        gray: Vec<u8>,
        orientation: Orientation,
    ) -> Self {
        let gray = GrayImage::from_pixels(width as u32, height as u32, gray);
        Self { gray: gray.expect("a byte for each pixel"), orientation }
    }
}

/// Checks the size of a picture. `bytes` is what all of its channels need in memory.
pub(super) fn check_size(width: u64, height: u64, bytes: u64) -> Result<(), PictureError> {
    if width.max(height) > MAX_SIDE.into() || bytes > MAX_BYTES {
        return Err(PictureError::TooLarge { width, height });
    }
    Ok(())
}
