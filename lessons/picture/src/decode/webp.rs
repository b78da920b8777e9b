//! WebP: lossy (VP8), lossless (VP8L), and the first picture of an animation.

use std::io::Cursor;

use image_webp::vp8::Vp8Decoder;
use image_webp::{DecodingError, WebPDecoder};

use super::decoded::{check_size, upright};
use super::luma::{luma, to_luma};
use crate::error::{PictureError, corrupt};
use crate::gray::GrayImage;
use crate::limits::MAX_BYTES;
use crate::orientation;

pub(super) fn decode(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(refusal)?;
    decoder.set_memory_limit(MAX_BYTES as usize);
    let (width, height) = decoder.dimensions();
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    check_size(width.into(), height.into(), u64::from(width) * u64::from(height) * channels)?;
    let exif = decoder.exif_metadata().map_err(refusal)?;
    let xmp = decoder.xmp_metadata().map_err(refusal)?;
    let orientation = orientation::from_tags(exif.as_deref(), xmp.as_deref());

    let (width, height) = (width as usize, height as usize);
    let gray = match chunk(bytes, b"VP8 ") {
        Some(lossy) => luma_plane(lossy, width, height)?,
        None => {
            let mut pixels = vec![0; width * height * channels as usize];
            decoder.read_image(&mut pixels).map_err(refusal)?;
            if channels == 4 { to_luma::<4>(&pixels) } else { to_luma::<3>(&pixels) }
        }
    };
    Ok(upright(width, height, gray, orientation))
}

/// Lossy WebP has luma in a plane of its own, like JPEG, so no colors need to be computed.
fn luma_plane(lossy: &[u8], width: usize, height: usize) -> Result<Vec<u8>, PictureError> {
    let frame = Vp8Decoder::decode_frame(Cursor::new(lossy)).map_err(refusal)?;
    if (usize::from(frame.width), usize::from(frame.height)) != (width, height) {
        return Err(corrupt("WebP", "it has two sizes"));
    }
    let full_range: [u8; 256] = std::array::from_fn(|y| full_range(y as i32));
    let stride = width.next_multiple_of(16); // it is encoded in blocks
    let rows = frame.ybuf.chunks_exact(stride).take(height);
    Ok(rows.flat_map(|row| &row[..width]).map(|&y| full_range[usize::from(y)]).collect())
}

/// Luma in WebP goes from 16 to 235 (ITU-R BT.601). This is the luma of the gray that it stands
/// for.
fn full_range(y: i32) -> u8 {
    let value = ((y - 16) * 255 + 109).div_euclid(219).clamp(0, 255) as u8;
    luma([value; 3])
}

/// The data of the first chunk of this kind in a RIFF file, nested ones excluded.
fn chunk<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    let mut rest = bytes.get(12..)?;
    loop {
        let (name, after) = rest.split_first_chunk::<4>()?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        if name == kind {
            return after.get(..length);
        }
        rest = after.get(length.checked_next_multiple_of(2)?..)?;
    }
}

fn refusal(error: DecodingError) -> PictureError {
    match error {
        DecodingError::MemoryLimitExceeded => PictureError::NeedsMuchMemory { format: "WebP" },
        error => corrupt("WebP", error),
    }
}
