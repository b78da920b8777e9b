//! Is all of the picture there? Read from the file's marks, without decoding.

use super::decode::{self, jpeg, tiff};
use super::{Format, PictureError, kind};

/// See [`super::check_whole`]. Returns the format, which the decoder needs next.
pub(super) fn format_of_whole(bytes: &[u8]) -> Result<Format, PictureError> {
    let format = kind::format_of(bytes)?;
    let ends = match format {
        Format::Jpeg => jpeg::ends(bytes),
        Format::Png => png_ends(bytes),
        Format::Gif => gif_ends(bytes),
        Format::WebP => webp_ends(bytes),
        Format::Tiff => tiff::ends(bytes),
    };
    // Some programs leave the last mark out, or count a byte too many. Browsers and Pillow show such a
    // picture, for all of its pixels are there. (Not so in a JPEG, whose decoders fill up what is missing.)
    let may_lack_its_end = matches!(format, Format::Png | Format::Gif | Format::Tiff);
    if ends.is_some() || may_lack_its_end && decode::decode(bytes, format).is_ok() {
        return Ok(format);
    }
    Err(PictureError::Truncated { format: format.name(), bytes: bytes.len() })
}

// Each of these is None where the bytes stop before the mark that ends the file.

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

/// Blocks up to the trailer; the data of each is in sub-blocks, and an empty one ends it.
fn gif_ends(bytes: &[u8]) -> Option<()> {
    let colors = |flags: u8| if flags & 0x80 == 0 { 0 } else { 6 << (flags & 7) };
    let mut at = 13 + colors(*bytes.get(10)?);
    loop {
        at += match *bytes.get(at)? {
            0x3b => return Some(()),                  // the trailer
            0x21 => 2,                                // an extension, and its label
            0x2c => 11 + colors(*bytes.get(at + 9)?), // a frame: place, colors, size of the codes
            _ => return Some(()),                     // no GIF any more: for the decoder to judge
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

/// RIFF tells its length.
fn webp_ends(bytes: &[u8]) -> Option<()> {
    let length = u32::from_le_bytes(array(bytes, 4)?) as usize;
    (bytes.len() >= length.checked_add(8)?).then_some(())
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
