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
//! LANCZOS)`; `tests/pillow` compares the two.
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

pub use error::PictureError;
pub use format::Format;
pub use gray::GrayImage;
pub use limits::{MAX_BYTES, MAX_SIDE};

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

/// Checks that the bytes are a complete JPEG, PNG, TIFF, WebP or GIF file. It follows the file's
/// own markers, and is fast enough for a downloader to check every file. Only if the last marker is
/// missing (a GIF without its trailer, a PNG without its IEND) does it decode the file, to see
/// whether all pixels are there.
///
/// To decode a file is not a check: decoders are lenient, and fill the missing half of a JPEG with
/// gray.
///
/// # Errors
/// [`PictureError::Truncated`] if the file is not complete. If it is something else:
/// [`Empty`](PictureError::Empty), [`WebPage`](PictureError::WebPage),
/// [`NotAPicture`](PictureError::NotAPicture), [`Compressed`](PictureError::Compressed),
/// [`Preceded`](PictureError::Preceded), or [`Unsupported`](PictureError::Unsupported).
///
/// ```
/// use picture::PictureError;
///
/// let error = picture::check_whole(b"<!DOCTYPE html><title>Not found</title>").unwrap_err();
/// assert_eq!(error, PictureError::WebPage);
/// ```
pub fn check_whole(bytes: &[u8]) -> Result<(), PictureError> {
    whole::check(bytes)?;
    Ok(())
}

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
    let format = whole::check(bytes)?;
    decode::decode(bytes, format)
}

/// Blurs with a Gaussian whose standard deviation is `sigma` pixels; beyond the borders, the
/// outermost pixels are repeated. The time it takes does not depend on `sigma`. Zero or less
/// changes nothing.
///
/// ```
/// use picture::{GrayImage, blur};
///
/// let flat = GrayImage::filled(3, 2, 200);
/// assert_eq!(blur(&flat, 10.0), flat);
/// ```
pub fn blur(picture: &GrayImage, sigma: f32) -> GrayImage {
    blur::gaussian(picture, sigma)
}

/// Resizes to `side` × `side` pixels with a Lanczos filter (a = 3). Like Pillow's `resize`, it
/// stretches a picture that is not square.
///
/// # Panics
/// If the picture has no pixels.
///
/// ```
/// use picture::{GrayImage, thumbnail};
///
/// assert_eq!(thumbnail(&GrayImage::filled(2, 1, 0), 128).size(), (128, 128));
/// ```
pub fn thumbnail(picture: &GrayImage, side: u32) -> GrayImage {
    assert!(!picture.pixels().is_empty(), "a picture without pixels has no thumbnail");
    lanczos::resize(picture, side)
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
