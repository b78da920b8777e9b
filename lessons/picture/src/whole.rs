//! Is the file complete? Its markers tell, without decoding.

use super::decode::{self, jpeg, tiff};
use super::error::PictureError;
use super::format::{self, Format};

/// Checks that the bytes are a complete JPEG, PNG, TIFF, WebP or GIF file, and returns which. It
/// follows the file's own markers, and is fast enough for a downloader to check every file. Only if
/// the last marker is missing (a GIF without its trailer, a PNG without its IEND) does it decode
/// the file, to see whether all pixels are there.
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
pub fn check_whole(bytes: &[u8]) -> Result<Format, PictureError> {
    let format = format::recognize(bytes)?;
    let ends = match format {
        Format::Jpeg => jpeg::ends(bytes),
        Format::Png => png_ends(bytes),
        Format::Gif => gif_ends(bytes),
        Format::WebP => webp_ends(bytes),
        Format::Tiff => tiff::ends(bytes),
    };
    // Some programs leave the last marker out, or count a byte too many. Browsers and Pillow show
    // such a picture, because all of its pixels are there. (For a JPEG this proves nothing:
    // decoders fill in what is missing.)
    let may_lack_its_end = matches!(format, Format::Png | Format::Gif | Format::Tiff);
    if ends.is_some() || may_lack_its_end && decode::decode(bytes, format).is_ok() {
        return Ok(format);
    }
    Err(PictureError::Truncated { format: format.name(), bytes: bytes.len() })
}

// Each of these is None if the bytes stop before the marker that ends the file.

/// Chunks up to IEND: length, type, data, checksum.
fn png_ends(bytes: &[u8]) -> Option<()> {
    let mut at = 8;
    loop {
        let length = u32::from_be_bytes(array(bytes, at)?) as usize;
        let kind: [u8; 4] = array(bytes, at + 4)?;
        at = at.checked_add(length)?.checked_add(12)?;
        if at > bytes.len() {
            return None;
        } else if &kind == b"IEND" {
            return Some(());
        }
    }
}

/// Blocks up to the trailer. The data of each is in sub-blocks, the last of which is empty.
fn gif_ends(bytes: &[u8]) -> Option<()> {
    let colors = |flags: u8| if flags & 0x80 == 0 { 0 } else { 6 << (flags & 7) };
    let mut at = 13 + colors(*bytes.get(10)?);
    loop {
        at += match *bytes.get(at)? {
            0x3b => return Some(()),                  // the trailer
            0x21 => 2,                                // an extension, and its label
            0x2c => 11 + colors(*bytes.get(at + 9)?), // a frame: position, colors, code size
            _ => return Some(()),                     // malformed: the decoder will say so
        };
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
    }
}

/// A RIFF file begins with its length.
fn webp_ends(bytes: &[u8]) -> Option<()> {
    let length = u32::from_le_bytes(array(bytes, 4)?) as usize;
    (bytes.len() >= length.checked_add(8)?).then_some(())
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
