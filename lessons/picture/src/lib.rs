//! What is done to each picture: gray, blur, thumbnail.
//!
//! [`process`] is the whole of it, bytes in and bytes out; the other functions are its parts, in the order
//! in which it calls them:
//!
//! ```
//! use picture::GrayImage;
//!
//! # fn main() -> Result<(), picture::PictureError> {
//! let downloaded = picture::encode_png(&GrayImage::filled(640, 480, 128))?; // stands for a file's bytes
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
//! All of it runs on the thread that calls it (but for JPEGs of rare kinds, whose decoder starts a thread for
//! each channel), and holds no lock: to be faster, work on several
//! pictures at once. It is what Pillow's `convert("L")`, `filter(GaussianBlur(10))` and
//! `resize((128, 128), LANCZOS)` do, and `tests/pillow` compares the two.
//!
//! Each format has its crate that decodes. Blur and resize are a page each here: the crates that are fast
//! at them (`libblur`, `fast_image_resize`) took longer to build than all of
//! the formats.

mod blur;
mod decode;
mod gray;
mod ifd;
mod kind;
mod lanczos;
mod orientation;
mod whole;

pub use gray::GrayImage;
pub use kind::Format;

use hands::panics::{self, Panicked};

/// How far [`process`] blurs: the standard deviation of the Gaussian, in pixels.
pub const SIGMA: f32 = 10.0;

/// The width and the height of the thumbnail that [`process`] makes, in pixels.
pub const SIDE: u32 = 128;

/// The widest and the highest picture that is decoded, in pixels.
pub const MAX_SIDE: u32 = 30_000;

/// The most that the pixels of one picture may take, in bytes, before they are gray: 512 MiB, some 178
/// megapixels of 8-bit RGB. It admits the largest pictures that space telescopes publish, and refuses
/// a file of a few bytes that claims to be larger, before memory is asked for.
pub const MAX_BYTES: u64 = 512 << 20;

/// Why bytes did not become a thumbnail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// There are no bytes.
    #[error("the file is empty: download it again")]
    Empty,
    /// The bytes are HTML, as servers send in place of a picture.
    #[error(
        "this is not a picture, it looks like a web page: open the link in a browser to see what it says"
    )]
    WebPage,
    /// The bytes start as none of the formats do.
    #[error(
        "this is {what}, not a JPEG, PNG, TIFF, WebP or GIF picture: it starts with \"{start}\""
    )]
    NotAPicture {
        /// What it is, as far as can be seen.
        what: &'static str,
        /// The first bytes, escaped.
        start: String,
    },
    /// The bytes are compressed once more, by a server or as an archive.
    #[error(
        "this is compressed with {how}, and no picture before it is unpacked: unpack it, or take a link to the picture itself"
    )]
    Compressed {
        /// With what.
        how: &'static str,
    },
    /// A picture begins only behind something else.
    #[error("the picture begins only after {bytes} byte(s) of something else: cut them off")]
    Preceded {
        /// How many bytes.
        bytes: usize,
    },
    /// A picture of a kind that is not read here, however whole it is.
    #[error(
        "{what} is not read here: convert it to PNG, or to an ordinary JPEG, TIFF, WebP or GIF"
    )]
    Unsupported {
        /// What it is: "an SVG drawing".
        what: String,
    },
    /// The file stops before the place where its format says that it ends.
    #[error("the {format} file is cut off after {bytes} bytes: download it again")]
    Truncated {
        /// What kind of file it is.
        format: &'static str,
        /// How many bytes are there.
        bytes: usize,
    },
    /// Larger than [`MAX_SIDE`] or [`MAX_BYTES`] allow.
    #[error(
        "the picture is {width} x {height} pixels, more than the limit of {MAX_SIDE} a side and {} MiB: make it smaller",
        MAX_BYTES >> 20
    )]
    TooLarge {
        /// Its width in pixels.
        width: u64,
        /// Its height in pixels.
        height: u64,
    },
    /// The file claims sizes for which its decoder would need more memory than the limit.
    #[error("the {format} file needs more memory than the limit to decode: make it smaller")]
    NeedsMuchMemory {
        /// What kind of file it is.
        format: &'static str,
    },
    /// The decoder cannot make sense of it.
    #[error(
        "the {format} file is damaged ({reason}): download it again, and if that does not help, leave it out"
    )]
    Corrupt {
        /// What kind of file it is.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// The decoder panicked, which is a fault in the decoder.
    #[error("the decoder {0}: leave this picture out")]
    Panicked(#[from] Panicked),
    /// The thumbnail could not be written as PNG.
    #[error("the picture could not be written as PNG: {reason}")]
    Encode {
        /// What the encoder says.
        reason: String,
    },
}

// ANCHOR: process
/// All of it: the bytes of a picture in, the bytes of its thumbnail out (gray, blurred by [`SIGMA`],
/// [`SIDE`] pixels a side, PNG).
///
/// # Errors
/// Those of [`decode_gray`]; and [`PictureError::Panicked`] where a decoder panics, so that one bad
/// picture never ends a worker.
pub fn process(bytes: &[u8]) -> Result<Vec<u8>, PictureError> {
    panics::catch(|| {
        let gray = decode_gray(bytes)?;
        let blurred = blur(&gray, SIGMA);
        drop(gray); // of a large picture, a hundred megabytes that need not wait for the end
        encode_png(&thumbnail(&blurred, SIDE))
    })?
}
// ANCHOR_END: process

/// Says whether the bytes are a JPEG, PNG, TIFF, WebP or GIF file that is all there. It follows the file's
/// own marks, so a downloader can ask before it keeps a file. Only where the last mark is missing (a GIF without
/// its trailer, a PNG without its IEND) does it decode, to see whether all pixels are there.
///
/// Decoders are lenient: a JPEG of which half has arrived decodes, with the rest in gray.
///
/// # Errors
/// [`PictureError::Empty`], [`WebPage`](PictureError::WebPage), [`NotAPicture`](PictureError::NotAPicture),
/// [`Compressed`](PictureError::Compressed), [`Preceded`](PictureError::Preceded),
/// [`Unsupported`](PictureError::Unsupported) for other formats; [`Truncated`](PictureError::Truncated).
///
/// ```
/// use picture::PictureError;
///
/// let error = picture::check_whole(b"<!DOCTYPE html><title>Not found</title>").unwrap_err();
/// assert_eq!(error, PictureError::WebPage);
/// ```
pub fn check_whole(bytes: &[u8]) -> Result<(), PictureError> {
    whole::format_of_whole(bytes).map(|_| ())
}

/// Decodes a JPEG, PNG, TIFF, WebP or GIF file (of an animation the first picture) to 8-bit luma, and turns it
/// upright as its EXIF orientation says.
///
/// Luma is that of ITU-R 601-2, `L = 0.299 R + 0.587 G + 0.114 B`, computed as Pillow's `convert("L")` does:
/// `(19595 R + 38470 G + 7471 B + 0x8000) >> 16`. Of a file that holds luma itself (YCbCr), that is taken.
/// Alpha is dropped. Samples of 12 and 16 bits are scaled to 8 (Pillow cuts gray ones off at 255 instead, so
/// that such a picture turns white).
///
/// # Errors
/// Those of [`check_whole`]; [`PictureError::TooLarge`] before memory is asked for;
/// [`NeedsMuchMemory`](PictureError::NeedsMuchMemory); [`Unsupported`](PictureError::Unsupported) for rare kinds
/// of the formats; [`Corrupt`](PictureError::Corrupt).
///
/// # Panics
/// Where a decoder does: some do, for rare damaged files. [`process`] catches that.
pub fn decode_gray(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let format = whole::format_of_whole(bytes)?;
    decode::decode(bytes, format)
}

/// Blurs with a Gaussian whose standard deviation is `sigma` pixels; beyond the borders, the outermost
/// pixels repeat. The time it takes does not depend on `sigma`. Zero or less changes nothing.
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

/// Resizes to `side` × `side` pixels with a Lanczos filter (a = 3). As Pillow's `resize` does, it
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
