//! From the bytes of a strip or a tile to its samples, one byte each.

use std::borrow::Cow;

use fdeflate::Decompressor;

use super::super::luma::to_8_bit;
use super::layout::{Compression, Layout, Meaning};
use super::{fax, lzw};
use crate::error::{PictureError, corrupt};

/// All samples of the first `rows` rows.
pub(super) fn samples<'b>(
    layout: &Layout<'_>,
    stored: &'b [u8],
    rows: usize,
) -> Result<Cow<'b, [u8]>, PictureError> {
    let in_row = layout.chunk_width * layout.samples_together();
    let row_length = (in_row * layout.bits).div_ceil(8);
    let length = row_length * rows;
    let stored = if layout.is_bit_reversed {
        Cow::Owned(stored.iter().map(|byte| byte.reverse_bits()).collect())
    } else {
        Cow::Borrowed(stored)
    };
    let unpacked = match layout.compression {
        Compression::None => Some(stored),
        Compression::PackBits => pack_bits(&stored, length).map(Cow::Owned),
        Compression::Lzw => lzw::decode(&stored, length).map(Cow::Owned),
        Compression::Deflate => inflate(&stored, length).map(Cow::Owned),
        Compression::Group3 => fax::group_3(&stored, in_row, rows).map(Cow::Owned),
        Compression::Group4 => fax::group_4(&stored, in_row, rows).map(Cow::Owned),
        Compression::Jpeg => None, // decoded elsewhere
    };
    let mut unpacked = match unpacked {
        Some(unpacked) if unpacked.len() >= length => unpacked,
        _ => {
            return Err(corrupt("TIFF", "its pixels cannot be decompressed, or there are too few"));
        }
    };
    if layout.has_predictor {
        let samples = layout.samples_together();
        for row in unpacked.to_mut()[..length].chunks_exact_mut(row_length) {
            if layout.bits == 8 {
                add_up(row, samples);
            } else {
                add_up_16(row, samples, layout.is_little_endian);
            }
        }
    }
    if layout.bits == 8 {
        return Ok(match unpacked {
            Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[..length]),
            Cow::Owned(mut bytes) => {
                bytes.truncate(length);
                Cow::Owned(bytes)
            }
        });
    }
    let mut samples = Vec::with_capacity(in_row * rows);
    for row in unpacked[..length].chunks_exact(row_length) {
        to_bytes(layout, row, in_row, &mut samples);
    }
    Ok(Cow::Owned(samples))
}

/// Samples of other sizes, scaled to 8 bits, except for the indices of a palette.
fn to_bytes(layout: &Layout<'_>, row: &[u8], count: usize, to: &mut Vec<u8>) {
    if layout.bits == 16 {
        let (samples, _) = row.as_chunks::<2>();
        let number = if layout.is_little_endian { u16::from_le_bytes } else { u16::from_be_bytes };
        to.extend(samples.iter().map(|&sample| to_8_bit(number(sample))));
        return;
    }
    let most = (1 << layout.bits) - 1;
    let is_index = matches!(layout.meaning, Meaning::Palette(_));
    to.extend((0..count).map(|sample| {
        let bit = sample * layout.bits;
        let two = u32::from(row[bit / 8]) << 8 | row.get(bit / 8 + 1).map_or(0, |&b| u32::from(b));
        let value = (two >> (16 - bit % 8 - layout.bits)) & most;
        if is_index { value as u8 } else { ((value * 255 + most / 2) / most) as u8 }
    }));
}

/// Undoes the predictor: each sample is stored as the difference to the last one of its channel.
fn add_up(row: &mut [u8], samples: usize) {
    match samples {
        1 => add_up_pixels::<1>(row),
        3 => add_up_pixels::<3>(row),
        4 => add_up_pixels::<4>(row),
        _ => (samples..row.len()).for_each(|at| row[at] = row[at].wrapping_add(row[at - samples])),
    }
}

fn add_up_pixels<const SAMPLES: usize>(row: &mut [u8]) {
    let mut sums = [0_u8; SAMPLES];
    for pixel in row.as_chunks_mut::<SAMPLES>().0 {
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum = sum.wrapping_add(*value);
            *value = *sum;
        }
    }
}

fn add_up_16(row: &mut [u8], samples: usize, is_little_endian: bool) {
    let mut sums = vec![0_u16; samples];
    for (at, bytes) in row.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        let sum = &mut sums[at % samples];
        let read = if is_little_endian { u16::from_le_bytes } else { u16::from_be_bytes };
        *sum = sum.wrapping_add(read(*bytes));
        *bytes = if is_little_endian { sum.to_le_bytes() } else { sum.to_be_bytes() };
    }
}

fn inflate(stored: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut unpacked = vec![0; length];
    let (_, produced) = Decompressor::new().read(stored, &mut unpacked, 0, false).ok()?;
    (produced == length).then_some(unpacked)
}

/// Apple's PackBits: a count, followed by that many bytes, or by one byte to repeat.
fn pack_bits(mut stored: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut unpacked = Vec::with_capacity(length + 128);
    while unpacked.len() < length {
        let (&count, rest) = stored.split_first()?;
        stored = rest;
        match usize::from(count) {
            count @ ..128 => {
                let (bytes, rest) = stored.split_at_checked(count + 1)?;
                unpacked.extend_from_slice(bytes);
                stored = rest;
            }
            128 => {} // means nothing
            count => {
                let (&byte, rest) = stored.split_first()?;
                unpacked.resize(unpacked.len() + 257 - count, byte);
                stored = rest;
            }
        }
    }
    Some(unpacked)
}
