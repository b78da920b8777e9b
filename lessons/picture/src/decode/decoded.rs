//! What every decoder does first, and last.

use crate::error::PictureError;
use crate::gray::GrayImage;
use crate::limits::{MAX_BYTES, MAX_SIDE};
use crate::orientation::{Orientation, turn_upright};

/// Checks the size of a picture. `bytes` is what all of its channels need in memory.
pub(super) fn check_size(width: u64, height: u64, bytes: u64) -> Result<(), PictureError> {
    if width.max(height) > MAX_SIDE.into() || bytes > MAX_BYTES {
        return Err(PictureError::TooLarge { width, height });
    }
    Ok(())
}

/// The picture as it is to be seen. `gray` has a byte for each pixel of the file.
pub(super) fn upright(
    width: usize,
    height: usize,
    gray: Vec<u8>,
    orientation: Orientation,
) -> GrayImage {
    let gray = GrayImage::from_pixels(width as u32, height as u32, gray);
    turn_upright(gray.expect("a byte for each pixel"), orientation)
}
