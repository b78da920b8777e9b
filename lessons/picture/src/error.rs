//! Why a file could not be turned into a thumbnail.

use hands::panics::Panicked;

use super::limits::{MAX_BYTES, MAX_SIDE};

/// Why a file could not be turned into a thumbnail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// There are no bytes.
    #[error("the file is empty: download it again")]
    Empty,
    /// The bytes are HTML, which servers send instead of a picture.
    #[error(
        "this is not a picture, it looks like a web page: open the link in a browser to see what it says"
    )]
    WebPage,
    /// The bytes do not start like any of the formats.
    #[error(
        "this is {what}, not a JPEG, PNG, TIFF, WebP or GIF picture: it starts with \"{start}\""
    )]
    NotAPicture {
        /// What it seems to be.
        what: &'static str,
        /// The first bytes, escaped.
        start: String,
    },
    /// The bytes are compressed again, by a server or in an archive.
    #[error("this is compressed with {how}: unpack it, or use a link to the picture itself")]
    Compressed {
        /// The name of the compression.
        how: &'static str,
    },
    /// There is something else before the picture.
    #[error("the picture begins after {bytes} byte(s) of something else: cut them off")]
    Preceded {
        /// How many bytes.
        bytes: usize,
    },
    /// The picture is of a kind that is not supported.
    #[error(
        "{what} is not supported: convert it to PNG, or to an ordinary JPEG, TIFF, WebP or GIF"
    )]
    Unsupported {
        /// What it is: "an SVG drawing".
        what: String,
    },
    /// The file ends too early.
    #[error("the {format} file is cut off after {bytes} bytes: download it again")]
    Truncated {
        /// What kind of file it is.
        format: &'static str,
        /// Its length in bytes.
        bytes: usize,
    },
    /// The picture is larger than [`MAX_SIDE`] or [`MAX_BYTES`] allow.
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
    /// The decoder would need more memory than the limit.
    #[error("the {format} file needs more memory to decode than the limit allows: make it smaller")]
    NeedsMuchMemory {
        /// What kind of file it is.
        format: &'static str,
    },
    /// The decoder cannot make sense of the file.
    #[error(
        "the {format} file is damaged ({reason}): download it again, or leave it out if that does not help"
    )]
    Corrupt {
        /// What kind of file it is.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// The decoder panicked, which is a bug in the decoder.
    #[error("the decoder {0}: leave this picture out")]
    Panicked(#[from] Panicked),
    /// The thumbnail could not be written as PNG.
    #[error("the picture could not be written as PNG: {reason}")]
    Encode {
        /// What the encoder says.
        reason: String,
    },
}

pub(crate) fn corrupt(format: &'static str, reason: impl ToString) -> PictureError {
    PictureError::Corrupt { format, reason: reason.to_string() }
}

pub(crate) fn unsupported(what: impl Into<String>) -> PictureError {
    PictureError::Unsupported { what: what.into() }
}
