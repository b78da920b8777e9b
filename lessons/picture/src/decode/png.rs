//! PNG. Of an animation: the picture for programs that do not support animations.

use std::io::{BufRead, Cursor, Seek};

use png::{
    BitDepth, ColorType, Decoder, DecodingError, InterlaceInfo, Limits, Reader, Transformations,
    expand_interlaced_row,
};

use super::decoded::{check_size, upright};
use super::luma::{lumas, to_8_bit};
use crate::error::{PictureError, corrupt};
use crate::gray::GrayImage;
use crate::limits::MAX_BYTES;
use crate::orientation::{self, Orientation};

pub(super) fn decode(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let limits = Limits { bytes: MAX_BYTES as usize };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND); // palettes to colors, few bits to 8
    let mut reader = decoder.read_info().map_err(refusal)?;
    let (width, height) = (reader.info().width, reader.info().height);
    let size = reader.output_buffer_size().unwrap_or(usize::MAX);
    check_size(width.into(), height.into(), size as u64)?;

    let mut gray = Vec::with_capacity(width as usize * height as usize);
    if reader.info().interlaced {
        let mut pixels = vec![0; size];
        read_interlaced(&mut reader, &mut pixels)?;
        push_lumas(&pixels, reader.output_color_type(), &mut gray);
    } else {
        let mut row = vec![0; reader.output_line_size(width).unwrap_or_default()];
        for _ in 0..height {
            reader.read_row(&mut row).map_err(refusal)?;
            push_lumas(&row, reader.output_color_type(), &mut gray);
        }
    }
    // There may be tags after the pixels. Any error there, such as a missing end, does not matter.
    reader.finish().ok();
    Ok(upright(width as usize, height as usize, gray, orientation(reader.info())))
}

fn read_interlaced<R: BufRead + Seek>(
    reader: &mut Reader<R>,
    pixels: &mut [u8],
) -> Result<(), PictureError> {
    let (width, height) = (reader.info().width, reader.info().height);
    let (color, depth) = reader.output_color_type();
    let bits = (color.samples() * depth as usize) as u8;
    let stride = reader.output_line_size(width).unwrap_or_default();
    for _ in 0..rows_interlaced(width, height) {
        let row = reader.next_interlaced_row().map_err(refusal)?;
        if let Some(row) = row
            && let InterlaceInfo::Adam7(place) = row.interlace()
        {
            expand_interlaced_row(pixels, stride, row.data(), place, bits);
        }
    }
    Ok(())
}

/// How many rows the seven passes have in all.
fn rows_interlaced(width: u32, height: u32) -> u32 {
    // Where each begins, and how far apart its pixels are.
    let passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
    let rows_of = |(left, top, across, down): (u32, u32, u32, u32)| {
        let columns = width.saturating_sub(left).div_ceil(across);
        if columns == 0 { 0 } else { height.saturating_sub(top).div_ceil(down) }
    };
    passes.into_iter().map(rows_of).sum()
}

fn push_lumas(pixels: &[u8], (color, depth): (ColorType, BitDepth), gray: &mut Vec<u8>) {
    let mut as_bytes = Vec::new();
    let mut pixels = pixels;
    if depth == BitDepth::Sixteen {
        let (samples, _) = pixels.as_chunks::<2>();
        as_bytes.extend(samples.iter().map(|&sample| to_8_bit(u16::from_be_bytes(sample))));
        pixels = &as_bytes;
    }
    match color {
        ColorType::GrayscaleAlpha => gray.extend(pixels.iter().step_by(2)),
        ColorType::Rgb => gray.extend(lumas::<3>(pixels)),
        ColorType::Rgba => gray.extend(lumas::<4>(pixels)),
        ColorType::Grayscale | ColorType::Indexed => gray.extend_from_slice(pixels),
    }
}

fn orientation(info: &png::Info<'_>) -> Orientation {
    let xmp = info.utf8_text.iter().find(|text| text.keyword == "XML:com.adobe.xmp");
    let xmp = xmp.and_then(|text| text.get_text().ok());
    let profile = raw_profile(info);
    let exif = info.exif_metadata.as_deref().or(profile.as_deref());
    orientation::from_tags(exif, xmp.as_deref().map(str::as_bytes))
}

/// EXIF as ImageMagick wrote it before PNG had a chunk for it: a title of three lines, and
/// hexadecimal digits.
fn raw_profile(info: &png::Info<'_>) -> Option<Vec<u8>> {
    const KEYWORD: &str = "Raw profile type exif";
    let compressed = info.compressed_latin1_text.iter().find(|text| text.keyword == KEYWORD);
    let plain = info.uncompressed_latin1_text.iter().find(|text| text.keyword == KEYWORD);
    let text = compressed
        .and_then(|text| text.get_text().ok())
        .or_else(|| plain.map(|text| text.text.clone()))?;
    let digits: Vec<u8> = text.split('\n').skip(3).flat_map(str::bytes).collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    digits.chunks_exact(2).map(|two| Some(digit(two[0])? << 4 | digit(two[1])?)).collect()
}

fn refusal(error: DecodingError) -> PictureError {
    match error {
        DecodingError::LimitsExceeded => PictureError::NeedsMuchMemory { format: "PNG" },
        error => corrupt("PNG", error),
    }
}
