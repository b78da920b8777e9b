//! TIFF: the first picture, strip by strip or tile by tile.
//!
//! The crates for TIFF refuse more kinds than they decode, and put all pixels into a buffer of
//! colors first. So this reads the directory itself, lets a crate decompress each chunk (a strip or
//! a tile), and makes it gray while it is in the processor's cache.

mod chunk;
mod fax;
mod layout;
mod lzw;
mod pixels;

use std::borrow::Cow;

use super::decoded::{check_size, upright};
use super::jpeg;
use crate::error::{PictureError, corrupt};
use crate::gray::GrayImage;
use crate::ifd::{Directory, Tag};
use layout::{Compression, Layout};

pub(super) fn decode(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let directory =
        Directory::first(bytes).ok_or_else(|| corrupt("TIFF", "it has no directory"))?;
    let layout = Layout::read(&directory)?;
    let Layout { width, height, .. } = layout;
    let size = |width, height| {
        width as u64 * height as u64 * layout.samples as u64 * layout.bits.div_ceil(8) as u64
    };
    let chunk_size = size(layout.chunk_width, layout.chunk_height); // a tile may be larger
    check_size(width as u64, height as u64, size(width, height).max(chunk_size))?;
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
    Ok(upright(width, height, gray, orientation))
}

/// The luma of one strip or tile, in rows of its width.
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

/// The luma of a chunk that is a JPEG. The tables that all of them share are in the directory.
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
        return Err(corrupt("TIFF", "a JPEG in it has another size"));
    }
    gray.truncate(width * rows);
    if layout.is_inverted() {
        gray.iter_mut().for_each(|value| *value = 255 - *value);
    }
    Ok(gray)
}

/// None if a strip or a tile is not inside of the file, because TIFF has no marker at its end.
pub(crate) fn ends(bytes: &[u8]) -> Option<()> {
    let directory = Directory::first(bytes)?;
    let (offsets, counts) = layout::chunk_places(&directory);
    let mut chunks = offsets?.into_iter().zip(counts?);
    let is_inside = |(offset, count): (u64, u64)| {
        offset.checked_add(count).is_some_and(|end| end <= bytes.len() as u64)
    };
    chunks.all(is_inside).then_some(())
}
