//! What the tags say of the pixels: where they are, and what they mean.

use super::super::luma::luma;
use super::super::unsupported;
use super::{PictureError, corrupt};
use crate::ifd::{Directory, Tag};

#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// The size of a strip or a tile.
    pub(super) chunk_width: usize,
    pub(super) chunk_height: usize,
    /// How many of them lie side by side, and one below the other.
    pub(super) across: usize,
    pub(super) down: usize,
    /// More than one if each channel is stored on its own.
    pub(super) planes: usize,
    /// Channels of a pixel.
    pub(super) samples: usize,
    /// Bits of a sample.
    pub(super) bits: usize,
    pub(super) meaning: Meaning,
    /// The colors are multiplied with the alpha that follows them.
    pub(super) is_premultiplied: bool,
    pub(super) compression: Compression,
    pub(super) has_predictor: bool,
    pub(super) is_little_endian: bool,
    pub(super) jpeg_tables: Option<&'a [u8]>,
    is_bit_reversed: bool,
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
            return Err(corrupt("it says no size"));
        }
        super::check_size(width as u64, height as u64, 0)?;
        let compression = compression(tags)?;
        let photometric = number(Tag::Photometric, 0);
        let samples = number(
            Tag::SamplesPerPixel,
            if compression == Compression::Jpeg && matches!(photometric, 2 | 6) { 3 } else { 1 },
        );
        let bits = bits(tags)?;
        let meaning = meaning(tags, photometric, bits, compression)?;
        let colors = match meaning {
            Meaning::Gray { .. } | Meaning::Palette(_) => 1,
            Meaning::Rgb | Meaning::YCbCr => 3,
            Meaning::Cmyk => 4,
        };
        if samples < colors || samples > 64 {
            return Err(corrupt("it has too few channels, or too many"));
        }
        let planes = if number(Tag::Planar, 1) == 2 { samples } else { 1 };
        if compression == Compression::Jpeg && (planes > 1 || !matches!(samples, 1 | 3)) {
            return Err(unsupported(
                "a TIFF that holds JPEGs of other colors than gray, RGB or YCbCr",
            ));
        }
        let has_predictor = match number(Tag::Predictor, 1) {
            _ if !matches!(compression, Compression::Lzw | Compression::Deflate) => false,
            1 => false,
            2 if matches!(bits, 8 | 16) => true,
            _ => return Err(unsupported("a TIFF with this predictor")),
        };
        let alpha = tags.numbers(Tag::ExtraSamples).unwrap_or_default();

        let is_tiled = tags.has(Tag::TileOffsets);
        let (chunk_width, chunk_height) = if is_tiled {
            (number(Tag::TileWidth, 0), number(Tag::TileHeight, 0))
        } else {
            (width, number(Tag::RowsPerStrip, height).min(height))
        };
        if !(1..1 << 20).contains(&chunk_width) || !(1..1 << 20).contains(&chunk_height) {
            return Err(corrupt("it says no size of its strips or tiles"));
        }
        let (offsets, counts) = if is_tiled {
            (tags.numbers(Tag::TileOffsets), tags.numbers(Tag::TileByteCounts))
        } else {
            (tags.numbers(Tag::StripOffsets), tags.numbers(Tag::StripByteCounts))
        };
        let (across, down) = (width.div_ceil(chunk_width), height.div_ceil(chunk_height));
        let offsets = offsets.unwrap_or_default();
        if offsets.len() < across * down * planes {
            return Err(corrupt("it does not say where all of its pixels are"));
        }
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
            has_predictor,
            is_little_endian: tags.is_little_endian(),
            jpeg_tables: tags.bytes_of(Tag::JpegTables),
            is_bit_reversed: number(Tag::FillOrder, 1) == 2 && compression != Compression::Jpeg,
            is_tiled,
            offsets,
            counts,
        })
    }

    /// How many rows of the chunk that begins at this height hold pixels: all of a tile, whatever its use.
    pub(super) fn rows_at(&self, top: usize) -> usize {
        if self.is_tiled { self.chunk_height } else { self.chunk_height.min(self.height - top) }
    }

    /// Channels of a pixel in one chunk.
    pub(super) fn samples_together(&self) -> usize {
        if self.planes > 1 { 1 } else { self.samples }
    }

    /// What is stored of a chunk. A count that is too large is taken for all there is: the pixels tell.
    pub(super) fn chunk_bytes<'b>(
        &self,
        file: &'b [u8],
        chunk: usize,
    ) -> Result<&'b [u8], PictureError> {
        let start = usize::try_from(self.offsets[chunk]).ok();
        let rest = start.and_then(|start| file.get(start..));
        let rest = rest.ok_or_else(|| corrupt("its pixels should be where it has ended"))?;
        let count = self.counts.as_ref().and_then(|counts| counts.get(chunk));
        let count = count.map_or(rest.len(), |&count| rest.len().min(count as usize));
        Ok(&rest[..count])
    }

    pub(super) fn is_bit_reversed(&self) -> bool {
        self.is_bit_reversed
    }

    pub(super) fn is_rgb(&self) -> bool {
        matches!(self.meaning, Meaning::Rgb)
    }

    pub(super) fn is_inverted(&self) -> bool {
        matches!(self.meaning, Meaning::Gray { is_inverted: true })
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
            return Err(unsupported(&format!("a TIFF with the compression {name}")));
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
        Some(other) => Err(unsupported(&format!("a TIFF with {other} bits a channel"))),
        None => Err(corrupt("it does not say how many bits a channel has")),
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
        other => return Err(unsupported(&format!("a TIFF with the color space number {other}"))),
    })
}

/// All reds, then all greens, then all blues, in 16 bits.
fn palette(tags: &Directory<'_>, bits: usize) -> Result<Box<[u8; 256]>, PictureError> {
    let colors = tags.numbers(Tag::ColorMap).unwrap_or_default();
    let count = 1 << bits;
    let (Some(red), Some(green), Some(blue)) =
        (colors.get(..count), colors.get(count..2 * count), colors.get(2 * count..3 * count))
    else {
        return Err(corrupt("its palette is missing"));
    };
    let mut lumas = Box::new([0; 256]);
    for (index, value) in lumas.iter_mut().take(count).enumerate() {
        *value = luma([red, green, blue].map(|channel| (channel[index] >> 8) as u8));
    }
    Ok(lumas)
}
