//! From a file's bytes to 8-bit gray.

use std::io::Cursor;

use image::error::ImageError;
use image::{ColorType, GrayImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{MAX_BYTES, MAX_SIDE, PictureError, name};

/// See [`super::decode_gray`].
pub(super) fn decode(bytes: &[u8], format: ImageFormat) -> Result<GrayImage, PictureError> {
    if format == ImageFormat::Jpeg
        && let Some(gray) = jpeg_luma(bytes)?
    {
        return Ok(gray);
    }
    let corrupt = |error| match error {
        ImageError::Limits(_) => PictureError::NeedsMuchMemory { format: name(format) },
        error => PictureError::Corrupt { format: name(format), reason: error.to_string() },
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(2 * MAX_BYTES); // what the decoder needs beside the picture
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(corrupt)?;
    let (width, height) = decoder.dimensions();
    check_size(width.into(), height.into(), decoder.total_bytes())?;
    let color = decoder.color_type();
    let mut pixels = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut pixels).map_err(corrupt)?;
    let gray = match color {
        ColorType::L8 => pixels,
        ColorType::La8 => pixels.chunks_exact(2).map(|pixel| pixel[0]).collect(),
        ColorType::Rgb8 => to_luma::<3>(&pixels),
        ColorType::Rgba8 => to_luma::<4>(&pixels),
        ColorType::L16 => to_8_bit(&pixels).collect(),
        ColorType::La16 => to_8_bit(&pixels).step_by(2).collect(),
        ColorType::Rgb16 => to_luma::<3>(&to_8_bit(&pixels).collect::<Vec<_>>()),
        ColorType::Rgba16 => to_luma::<4>(&to_8_bit(&pixels).collect::<Vec<_>>()),
        other => {
            let reason = format!("its pixels are of a kind ({other:?}) that is not read here");
            return Err(PictureError::Corrupt { format: name(format), reason });
        }
    };
    Ok(GrayImage::from_raw(width, height, gray).expect("a byte for each pixel"))
}

/// A JPEG of a photograph holds its luma (the Y of YCbCr) as a channel of its own: with that alone
/// the colors are neither unpacked nor turned into RGB and back. None where it holds other channels.
fn jpeg_luma(bytes: &[u8]) -> Result<Option<GrayImage>, PictureError> {
    let corrupt = |error: zune_jpeg::errors::DecodeErrors| PictureError::Corrupt {
        format: name(ImageFormat::Jpeg),
        reason: error.to_string(),
    };
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX)) // check_size is stricter, and says it better
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(corrupt)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let channels = match decoder.input_colorspace() {
        Some(ColorSpace::YCbCr) => 3,
        Some(ColorSpace::Luma) => 1,
        _ => return Ok(None),
    };
    check_size(width as u64, height as u64, (width * height * channels) as u64)?;
    let gray = decoder.decode().map_err(corrupt)?;
    Ok(GrayImage::from_raw(width as u32, height as u32, gray))
}

fn check_size(width: u64, height: u64, bytes: u64) -> Result<(), PictureError> {
    if width.max(height) > MAX_SIDE.into() || bytes > MAX_BYTES {
        return Err(PictureError::TooLarge { width, height });
    }
    Ok(())
}

/// ITU-R 601-2 in fixed point, as Pillow's `convert("L")` has it; what follows R, G, B is dropped.
fn to_luma<const CHANNELS: usize>(pixels: &[u8]) -> Vec<u8> {
    let (pixels, _) = pixels.as_chunks::<CHANNELS>();
    pixels
        .iter()
        .map(|pixel| {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
            ((19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16) as u8
        })
        .collect()
}

/// 65535 becomes 255, and what lies between is rounded.
fn to_8_bit(samples: &[u8]) -> impl Iterator<Item = u8> {
    let (samples, _) = samples.as_chunks::<2>();
    samples.iter().map(|&sample| ((u32::from(u16::from_ne_bytes(sample)) + 128) / 257) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_is_that_of_pillow() {
        // What Image.new("RGB", (1, 1), color).convert("L") gives.
        let pillow = [
            ([0, 0, 0], 0),
            ([255, 255, 255], 255),
            ([255, 0, 0], 76),
            ([0, 255, 0], 150),
            ([0, 0, 255], 29),
            ([10, 100, 200], 84),
        ];
        for (color, luma) in pillow {
            assert_eq!(to_luma::<3>(&color), [luma], "{color:?}");
            let [r, g, b] = color;
            assert_eq!(to_luma::<4>(&[r, g, b, 0]), [luma], "{color:?}, transparent");
        }
    }

    #[test]
    fn sixteen_bits_are_scaled_and_rounded() {
        let samples = [0_u16, 128, 129, 257, 32_896, 65_406, 65_407, 65_535];
        let bytes: Vec<u8> = samples.into_iter().flat_map(u16::to_ne_bytes).collect();
        let expected = samples.map(|sample| (f64::from(sample) * 255.0 / 65_535.0).round() as u8);
        assert_eq!(to_8_bit(&bytes).collect::<Vec<_>>(), expected);
    }
}
