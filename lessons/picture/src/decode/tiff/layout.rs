//! What the tags say about the pixels: where they are, and what they mean.

use super::super::decoded::check_size;
use super::super::luma::luma;
use crate::error::{PictureError, corrupt, unsupported};
use crate::ifd::{Directory, Tag};

#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// The size of a strip or a tile.
    pub(super) chunk_width: usize,
    pub(super) chunk_height: usize,
    /// How many of them there are in a row, and how many rows.
    pub(super) across: usize,
    pub(super) down: usize,
    /// More than 1 if each channel is stored on its own.
    pub(super) planes: usize,
    /// How many channels a pixel has.
    pub(super) samples: usize,
    /// How many bits a sample has.
    pub(super) bits: usize,
    pub(super) meaning: Meaning,
    /// The colors are multiplied with the alpha that follows them.
    pub(super) is_premultiplied: bool,
    pub(super) compression: Compression,
    pub(super) has_predictor: bool,
    pub(super) is_little_endian: bool,
    pub(super) jpeg_tables: Option<&'a [u8]>,
    pub(super) is_bit_reversed: bool,
    is_tiled: bool,
    offsets: Vec<u64>,
    counts: Option<Vec<u64>>,
}

#[derive(Debug)]
pub(super) enum Meaning {
    Gray {
        is_inverted: bool,
    },
    /// The luma of each color.
    Palette(Box<[u8; 256]>),
    Rgb,
    Cmyk,
    YCbCr,
}

impl Meaning {
    /// How many channels a pixel has at least.
    fn channels(&self) -> usize {
        match self {
            Meaning::Gray { .. } | Meaning::Palette(_) => 1,
            Meaning::Rgb | Meaning::YCbCr => 3,
            Meaning::Cmyk => 4,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Group3,
    Group4,
    Lzw,
    Jpeg,
    Deflate,
    PackBits,
}

impl<'a> Layout<'a> {
    pub(super) fn read(tags: &Directory<'a>) -> Result<Self, PictureError> {
        let number = |tag, default| tags.number_of(tag).map_or(default, |n| n as usize);
        let (width, height) = (number(Tag::Width, 0), number(Tag::Height, 0));
        if width == 0 || height == 0 {
            return Err(corrupt("TIFF", "it has no size"));
        }
        check_size(width as u64, height as u64, 0)?;
        let compression = compression(tags)?;
        let photometric = number(Tag::Photometric, 0);
        let samples = number(
            Tag::SamplesPerPixel,
            if compression == Compression::Jpeg && matches!(photometric, 2 | 6) { 3 } else { 1 },
        );
        let bits = bits(tags)?;
        let meaning = meaning(tags, photometric, bits, compression)?;
        let colors = meaning.channels();
        if samples < colors || samples > 64 {
            return Err(corrupt("TIFF", "it has too few channels, or too many"));
        }
        let planes = if number(Tag::Planar, 1) == 2 { samples } else { 1 };
        if compression == Compression::Jpeg && (planes > 1 || !matches!(samples, 1 | 3)) {
            return Err(unsupported("a TIFF with JPEGs of other colors than gray, RGB or YCbCr"));
        }
        let (chunk_width, chunk_height) = chunk_size(tags, width, height)?;
        let (across, down) = (width.div_ceil(chunk_width), height.div_ceil(chunk_height));
        let (offsets, counts) = chunk_places(tags);
        let offsets = offsets.unwrap_or_default();
        if offsets.len() < across * down * planes {
            return Err(corrupt("TIFF", "it does not say where all of its pixels are"));
        }
        let alpha = tags.numbers(Tag::ExtraSamples).unwrap_or_default();
        Ok(Self {
            width,
            height,
            chunk_width,
            chunk_height,
            across,
            down,
            planes,
            samples,
            bits,
            meaning,
            is_premultiplied: samples > colors && alpha.first() == Some(&1),
            compression,
            has_predictor: has_predictor(tags, bits, compression)?,
            is_little_endian: tags.little_endian,
            jpeg_tables: tags.bytes_of(Tag::JpegTables),
            is_bit_reversed: number(Tag::FillOrder, 1) == 2 && compression != Compression::Jpeg,
            is_tiled: tags.has(Tag::TileOffsets),
            offsets,
            counts,
        })
    }

    /// How many rows are stored for the chunk that begins in this row: of a tile, always all.
    pub(super) fn rows_at(&self, top: usize) -> usize {
        if self.is_tiled { self.chunk_height } else { self.chunk_height.min(self.height - top) }
    }

    /// How many channels of a pixel are in one chunk.
    pub(super) fn samples_together(&self) -> usize {
        if self.planes > 1 { 1 } else { self.samples }
    }

    /// The bytes of a chunk. If the count is too large, it is the rest of the file: decoding it
    /// will show.
    pub(super) fn chunk_bytes<'b>(
        &self,
        file: &'b [u8],
        chunk: usize,
    ) -> Result<&'b [u8], PictureError> {
        let start = usize::try_from(self.offsets[chunk]).ok();
        let rest = start.and_then(|start| file.get(start..));
        let rest = rest.ok_or_else(|| corrupt("TIFF", "it ends before its pixels"))?;
        let count = self.counts.as_ref().and_then(|counts| counts.get(chunk));
        let count = count.map_or(rest.len(), |&count| rest.len().min(count as usize));
        Ok(&rest[..count])
    }

    pub(super) fn is_rgb(&self) -> bool {
        matches!(self.meaning, Meaning::Rgb)
    }

    pub(super) fn is_inverted(&self) -> bool {
        matches!(self.meaning, Meaning::Gray { is_inverted: true })
    }
}

/// The width and the height of a strip or a tile.
fn chunk_size(
    tags: &Directory<'_>,
    width: usize,
    height: usize,
) -> Result<(usize, usize), PictureError> {
    let number = |tag, default| tags.number_of(tag).map_or(default, |n| n as usize);
    let (chunk_width, chunk_height) = if tags.has(Tag::TileOffsets) {
        (number(Tag::TileWidth, 0), number(Tag::TileHeight, 0))
    } else {
        (width, number(Tag::RowsPerStrip, height).min(height))
    };
    if !(1..1 << 20).contains(&chunk_width) || !(1..1 << 20).contains(&chunk_height) {
        return Err(corrupt("TIFF", "its strips or tiles have no size"));
    }
    Ok((chunk_width, chunk_height))
}

/// The offsets and the lengths of all strips or tiles, in bytes.
pub(super) fn chunk_places(tags: &Directory<'_>) -> (Option<Vec<u64>>, Option<Vec<u64>>) {
    if tags.has(Tag::TileOffsets) {
        (tags.numbers(Tag::TileOffsets), tags.numbers(Tag::TileByteCounts))
    } else {
        (tags.numbers(Tag::StripOffsets), tags.numbers(Tag::StripByteCounts))
    }
}

fn has_predictor(
    tags: &Directory<'_>,
    bits: usize,
    compression: Compression,
) -> Result<bool, PictureError> {
    if !matches!(compression, Compression::Lzw | Compression::Deflate) {
        return Ok(false);
    }
    match tags.number_of(Tag::Predictor).unwrap_or(1) {
        1 => Ok(false),
        2 if matches!(bits, 8 | 16) => Ok(true),
        _ => Err(unsupported("a TIFF with this predictor")),
    }
}

fn compression(tags: &Directory<'_>) -> Result<Compression, PictureError> {
    Ok(match tags.number_of(Tag::Compression).unwrap_or(1) {
        1 => Compression::None,
        3 if tags.number_of(Tag::T4Options).unwrap_or(0) & 1 == 0 => Compression::Group3,
        4 => Compression::Group4,
        5 => Compression::Lzw,
        7 => Compression::Jpeg,
        8 | 32946 => Compression::Deflate,
        32773 => Compression::PackBits,
        other => {
            let name = match other {
                2 => "CCITT run-length".to_string(),
                3 => "two-dimensional Group 3".to_string(),
                6 => "old-style JPEG".to_string(),
                33003 | 33005 | 34712 => "JPEG 2000".to_string(),
                34887 => "LERC".to_string(),
                34925 => "LZMA".to_string(),
                50000 => "Zstandard".to_string(),
                50001 => "WebP".to_string(),
                number => format!("number {number}"),
            };
            return Err(unsupported(format!("a TIFF with the compression {name}")));
        }
    })
}

fn bits(tags: &Directory<'_>) -> Result<usize, PictureError> {
    let bits = tags.numbers(Tag::BitsPerSample).unwrap_or(vec![1]);
    let formats = tags.numbers(Tag::SampleFormat).unwrap_or_default();
    match formats.iter().find(|format| !matches!(format, 1 | 4)) {
        None => {}
        Some(3) => return Err(unsupported("a TIFF of floating-point numbers")),
        Some(2) => return Err(unsupported("a TIFF of signed numbers")),
        Some(_) => return Err(unsupported("a TIFF of complex numbers")),
    }
    match bits.first() {
        Some(&first) if bits.iter().any(|other| *other != first) => {
            Err(unsupported("a TIFF whose channels have different numbers of bits"))
        }
        Some(&first @ (1 | 2 | 4 | 8 | 12 | 16)) => Ok(first as usize),
        Some(other) => Err(unsupported(format!("a TIFF with {other} bits a channel"))),
        None => Err(corrupt("TIFF", "it does not say how many bits a channel has")),
    }
}

fn meaning(
    tags: &Directory<'_>,
    photometric: usize,
    bits: usize,
    compression: Compression,
) -> Result<Meaning, PictureError> {
    Ok(match photometric {
        0 | 1 => Meaning::Gray { is_inverted: photometric == 0 },
        2 => Meaning::Rgb,
        3 if bits <= 8 => Meaning::Palette(palette(tags, bits)?),
        3 => return Err(unsupported("a palette TIFF of more than 256 colors")),
        5 => Meaning::Cmyk,
        6 => {
            let subsampling = tags.numbers(Tag::Subsampling).unwrap_or(vec![2, 2]);
            if compression != Compression::Jpeg && subsampling != [1, 1] {
                return Err(unsupported("a TIFF of subsampled YCbCr without JPEG"));
            }
            Meaning::YCbCr
        }
        8..=10 => return Err(unsupported("a Lab TIFF")),
        32844 | 32845 => return Err(unsupported("a LogLuv TIFF")),
        other => {
            return Err(unsupported(format!("a TIFF with the color space number {other}")));
        }
    })
}

/// The luma of each color. The tag has all reds, then all greens, then all blues, in 16 bits.
fn palette(tags: &Directory<'_>, bits: usize) -> Result<Box<[u8; 256]>, PictureError> {
    let colors = tags.numbers(Tag::ColorMap).unwrap_or_default();
    let count = 1 << bits;
    let (Some(red), Some(green), Some(blue)) =
        (colors.get(..count), colors.get(count..2 * count), colors.get(2 * count..3 * count))
    else {
        return Err(corrupt("TIFF", "its palette is missing"));
    };
    let mut lumas = Box::new([0; 256]);
    for (index, value) in lumas.iter_mut().take(count).enumerate() {
        *value = luma([red, green, blue].map(|channel| (channel[index] >> 8) as u8));
    }
    Ok(lumas)
}
