//! Is the file a picture, and is all of it there? Read from its markers, without decoding.

use std::io::{Cursor, ErrorKind};

use image::ImageFormat;
use tiff::TiffError;
use tiff::tags::Tag;

use super::{PictureError, name};

/// See [`super::check_whole`]. Returns the format, which the decoder needs next.
pub(super) fn format_of_whole(bytes: &[u8]) -> Result<ImageFormat, PictureError> {
    let format = format_of(bytes)?;
    let ends = match format {
        ImageFormat::Jpeg => jpeg_ends(bytes),
        ImageFormat::Png => png_ends(bytes),
        ImageFormat::Gif => gif_ends(bytes),
        ImageFormat::WebP => webp_ends(bytes),
        _ => tiff_ends(bytes)?,
    };
    match ends {
        Some(()) => Ok(format),
        None => Err(PictureError::Truncated { format: name(format), bytes: bytes.len() }),
    }
}

fn format_of(bytes: &[u8]) -> Result<ImageFormat, PictureError> {
    use ImageFormat::{Gif, Jpeg, Png, Tiff, WebP};
    if bytes.is_empty() {
        return Err(PictureError::Empty);
    }
    match image::guess_format(bytes) {
        Ok(format @ (Jpeg | Png | Tiff | WebP | Gif)) => return Ok(format),
        // The magic number of BigTIFF, which `image` decodes and does not guess.
        _ if bytes.starts_with(b"II+\0") || bytes.starts_with(b"MM\0+") => return Ok(Tiff),
        _ => {}
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if text.starts_with(b"<") {
        return Err(PictureError::WebPage);
    }
    let start = text[..text.len().min(24)].escape_ascii().to_string();
    Err(PictureError::NotAPicture { start })
}

// Each of these is None where the bytes stop before the mark that ends the file.

/// Segments up to the first scan; behind it an end mark. (Inside a scan every 0xFF of the data is
/// followed by a zero, so that the mark is found nowhere else; thumbnails lie in segments before.)
fn jpeg_ends(bytes: &[u8]) -> Option<()> {
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];
    let mut at = 2;
    loop {
        while *bytes.get(at)? != 0xff || *bytes.get(at + 1)? == 0xff {
            at += 1; // fill bytes, and junk that decoders skip too
        }
        let marker = bytes[at + 1];
        at += 2;
        match marker {
            0x00 | 0x01 | 0xd0..=0xd9 => continue, // stand alone
            _ => at += usize::from(u16::from_be_bytes(array(bytes, at)?)),
        }
        if marker == START_OF_SCAN {
            let scans = bytes.get(at..)?;
            return scans.windows(2).rposition(|two| two == END_OF_IMAGE).map(|_| ());
        }
    }
}

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

/// TIFF has no end mark: each strip or tile of the first picture must lie inside the file.
fn tiff_ends(bytes: &[u8]) -> Result<Option<()>, PictureError> {
    match tiff_reach(bytes) {
        Ok(reach) => Ok((reach <= bytes.len() as u64).then_some(())),
        Err(TiffError::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(PictureError::Corrupt { format: "TIFF", reason: error.to_string() }),
    }
}

/// The end of the strip or tile that lies last.
fn tiff_reach(bytes: &[u8]) -> Result<u64, TiffError> {
    let mut tiff = tiff::decoder::Decoder::new(Cursor::new(bytes))?;
    let mut reach = 0;
    for (offsets, lengths) in
        [(Tag::StripOffsets, Tag::StripByteCounts), (Tag::TileOffsets, Tag::TileByteCounts)]
    {
        let offsets = tiff.find_tag_unsigned_vec::<u64>(offsets)?.unwrap_or_default();
        let lengths = tiff.find_tag_unsigned_vec::<u64>(lengths)?.unwrap_or_default();
        let ends =
            offsets.iter().zip(&lengths).map(|(offset, length)| offset.saturating_add(*length));
        reach = ends.fold(reach, u64::max);
    }
    Ok(reach)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
