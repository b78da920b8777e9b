//! TIFF: its first picture, strip by strip or tile by tile.
//!
//! The crates for it refuse more kinds than they read, and turn all pixels into a buffer of colors first. So
//! this reads the directory itself, lets a crate decompress each chunk (a strip or a tile), and turns
//! that gray while it is in the processor's cache.

mod chunk;
mod fax;
mod layout;
mod lzw;
mod pixels;

use std::borrow::Cow;

use super::{Decoded, PictureError, check_size, jpeg};
use crate::ifd::{Directory, Tag};
use layout::{Compression, Layout};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, PictureError> {
    let directory = Directory::first(bytes).ok_or_else(|| corrupt("it has no directory"))?;
    let layout = Layout::read(&directory)?;
    let Layout { width, height, .. } = layout;
    let bytes_of = |width, height| {
        width as u64 * height as u64 * layout.samples as u64 * layout.bits.div_ceil(8) as u64
    };
    let of_chunk = bytes_of(layout.chunk_width, layout.chunk_height); // a tile may be larger
    check_size(width as u64, height as u64, bytes_of(width, height).max(of_chunk))?;
    let mut gray = vec![0; width * height];
    for chunk in 0..layout.across * layout.down {
        let (left, top) = (
            chunk % layout.across * layout.chunk_width,
            chunk / layout.across * layout.chunk_height,
        );
        let rows = layout.rows_at(top);
        let lumas = chunk_gray(bytes, &layout, chunk, rows)?;
        let used = layout.chunk_width.min(width - left);
        let to = gray[top * width..].chunks_exact_mut(width);
        for (to, from) in to.zip(lumas.chunks_exact(layout.chunk_width)).take(rows) {
            to[left..left + used].copy_from_slice(&from[..used]);
        }
    }
    let orientation = directory.number_of(Tag::Orientation).unwrap_or(1);
    Ok(Decoded::new(width, height, gray, orientation))
}

/// The lumas of one strip or tile, in rows of its width.
fn chunk_gray(
    bytes: &[u8],
    layout: &Layout<'_>,
    chunk: usize,
    rows: usize,
) -> Result<Vec<u8>, PictureError> {
    if layout.compression == Compression::Jpeg {
        return jpeg_gray(layout, layout.chunk_bytes(bytes, chunk)?, rows);
    }
    if layout.planes == 1 {
        let samples = chunk::samples(layout, layout.chunk_bytes(bytes, chunk)?, rows)?;
        return Ok(pixels::to_gray(layout, &samples));
    }
    let mut interleaved = vec![0; layout.chunk_width * rows * layout.planes];
    for plane in 0..layout.planes {
        let number = plane * layout.across * layout.down + chunk;
        let samples = chunk::samples(layout, layout.chunk_bytes(bytes, number)?, rows)?;
        let places = interleaved[plane..].iter_mut().step_by(layout.planes);
        places.zip(&*samples).for_each(|(place, sample)| *place = *sample);
    }
    Ok(pixels::to_gray(layout, &interleaved))
}

/// A chunk may be a JPEG. What all of them have in common is in the directory, once.
fn jpeg_gray(layout: &Layout<'_>, chunk: &[u8], rows: usize) -> Result<Vec<u8>, PictureError> {
    let file = match layout.jpeg_tables {
        Some([tables @ .., 0xff, 0xd9]) => {
            let without_start = chunk.get(2..).unwrap_or_default();
            Cow::Owned([tables, without_start].concat())
        }
        _ => Cow::Borrowed(chunk),
    };
    let (width, height, mut gray) = jpeg::in_tiff(&file, layout.is_rgb())?;
    if width != layout.chunk_width || height < rows {
        return Err(corrupt("a JPEG in it is of another size"));
    }
    gray.truncate(width * rows);
    if layout.is_inverted() {
        gray.iter_mut().for_each(|value| *value = 255 - *value);
    }
    Ok(gray)
}

/// None where a strip or a tile does not lie inside the file: TIFF has no mark at its end.
pub(crate) fn ends(bytes: &[u8]) -> Option<()> {
    let directory = Directory::first(bytes)?;
    let (offsets, counts) =
        [(Tag::StripOffsets, Tag::StripByteCounts), (Tag::TileOffsets, Tag::TileByteCounts)]
            .into_iter()
            .find(|(offsets, _)| directory.has(*offsets))
            .map(|(offsets, counts)| (directory.numbers(offsets), directory.numbers(counts)))?;
    let mut chunks = offsets?.into_iter().zip(counts?);
    let is_inside = |(offset, count): (u64, u64)| {
        offset.checked_add(count).is_some_and(|end| end <= bytes.len() as u64)
    };
    chunks.all(is_inside).then_some(())
}

fn corrupt(reason: &str) -> PictureError {
    PictureError::Corrupt { format: "TIFF", reason: reason.to_string() }
}
