//! What is done to each picture: gray, blur, thumbnail.
//!
//! [`process`] does all of it, bytes in and bytes out. It calls the other functions in this order:
//!
//! ```
//! use picture::GrayImage;
//!
//! # fn main() -> Result<(), picture::PictureError> {
//! let downloaded = picture::encode_png(&GrayImage::filled(640, 480, 128))?; // in place of a downloaded file
//!
//! let gray = picture::decode_gray(&downloaded)?;
//! let blurred = picture::blur(&gray, picture::SIGMA);
//! let thumbnail = picture::thumbnail(&blurred, picture::SIDE);
//! assert_eq!(thumbnail.size(), (128, 128));
//! assert_eq!(picture::encode_png(&thumbnail)?, picture::process(&downloaded)?);
//! # Ok(())
//! # }
//! ```
//!
//! Everything runs on the calling thread and without locks (except that the decoder for rare kinds
//! of JPEG starts a thread for each channel). To be faster, work on several pictures at once. The
//! result is that of Pillow's `convert("L")`, `filter(GaussianBlur(10))` and `resize((128, 128),
//! LANCZOS)`; the tests of the crate `pictures` compare the two.
//!
//! For each format, a crate does the decoding. Blurring and resizing take a page each here: the
//! crates that do it fast (`libblur`, `fast_image_resize`) took longer to build than those for all
//! the formats.

mod blur;
mod decode;
mod error;
mod format;
mod gray;
mod ifd;
mod lanczos;
mod limits;
mod orientation;
mod whole;

pub use blur::blur;
pub use error::PictureError;
pub use format::Format;
pub use gray::GrayImage;
pub use lanczos::thumbnail;
pub use limits::{MAX_BYTES, MAX_SIDE};
pub use whole::check_whole;

use hands::panics;

/// How far [`process`] blurs: the standard deviation of the Gaussian, in pixels.
pub const SIGMA: f32 = 10.0;

/// The width and the height of the thumbnail that [`process`] makes, in pixels.
pub const SIDE: u32 = 128;

// ANCHOR: process
/// Turns the bytes of a picture into the bytes of its thumbnail: gray, blurred by [`SIGMA`],
/// [`SIDE`] pixels wide and high, PNG.
///
/// # Errors
/// Those of [`decode_gray`], and [`PictureError::Panicked`] if a decoder panics, so that a bad
/// picture never ends a worker.
pub fn process(bytes: &[u8]) -> Result<Vec<u8>, PictureError> {
    panics::catch(|| {
        let gray = decode_gray(bytes)?;
        let blurred = blur(&gray, SIGMA);
        drop(gray); // a large picture takes a hundred megabytes, which are not needed any more
        encode_png(&thumbnail(&blurred, SIDE))
    })?
}
// ANCHOR_END: process

/// Decodes a JPEG, PNG, TIFF, WebP or GIF file to 8-bit luma, and turns it upright, as its EXIF
/// orientation says. Of an animation, it decodes the first picture.
///
/// Luma is that of ITU-R 601-2, `L = 0.299 R + 0.587 G + 0.114 B`, computed like Pillow's
/// `convert("L")`: `(19595 R + 38470 G + 7471 B + 0x8000) >> 16`. If a file contains luma (as
/// YCbCr), it is used as it is. Alpha is dropped. Samples of 12 and 16 bits are scaled to 8.
/// (Pillow clips gray ones at 255 instead, so such a picture turns white.)
///
/// # Errors
/// Those of [`check_whole`]; [`PictureError::TooLarge`] before memory is allocated;
/// [`NeedsMuchMemory`](PictureError::NeedsMuchMemory); [`Unsupported`](PictureError::Unsupported)
/// for rare variants of the formats; [`Corrupt`](PictureError::Corrupt).
///
/// # Panics
/// If a decoder does: some do, for rare damaged files. [`process`] catches that.
pub fn decode_gray(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let format = check_whole(bytes)?;
    decode::decode(bytes, format)
}

/// Writes the picture as a gray PNG file.
///
/// # Errors
/// [`PictureError::Encode`] if the picture has no pixels.
pub fn encode_png(picture: &GrayImage) -> Result<Vec<u8>, PictureError> {
    let (width, height) = picture.size();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Adaptive);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(picture.pixels())?;
        writer.finish()
    });
    written.map_err(|error| PictureError::Encode { reason: error.to_string() })?;
    Ok(file)
}
