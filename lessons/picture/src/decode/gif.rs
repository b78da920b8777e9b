//! GIF: the first picture of an animation.

use gif::{ColorOutput, DecodeOptions, DecodingError};

use super::decoded::{check_size, upright};
use super::luma::luma;
use crate::error::{PictureError, corrupt};
use crate::gray::GrayImage;
use crate::orientation;

pub(super) fn decode(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    let mut decoder = options.read_info(bytes).map_err(refusal)?;
    let screen = (usize::from(decoder.width()), usize::from(decoder.height()));
    let frame = decoder.next_frame_info().map_err(refusal)?;
    let frame = frame.ok_or_else(|| corrupt("GIF", "it has no picture"))?;

    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let (frame_width, frame_height) = (usize::from(frame.width), usize::from(frame.height));
    let transparent = frame.transparent;
    // As in Pillow, a picture that does not fit on the screen makes the screen larger.
    let (width, height) = (screen.0.max(left + frame_width), screen.1.max(top + frame_height));
    check_size(width as u64, height as u64, (width * height) as u64)?;
    if frame_width == 0 || frame_height == 0 {
        return Err(corrupt("GIF", "its first picture has no pixels"));
    }
    let mut indices = vec![0; frame_width * frame_height];
    decoder.read_into_buffer(&mut indices).map_err(refusal)?;

    let palette = lumas(decoder.palette().map_err(refusal)?);
    // Around the first picture is the transparent color, or else the first color, as in Pillow.
    let mut gray = vec![palette[usize::from(transparent.unwrap_or(0))]; width * height];
    let rows = gray.chunks_exact_mut(width).skip(top);
    for (row, indices) in rows.zip(indices.chunks_exact(frame_width)) {
        for (pixel, index) in row[left..].iter_mut().zip(indices) {
            *pixel = palette[usize::from(*index)];
        }
    }
    let orientation = orientation::from_tags(None, decoder.xmp_metadata());
    Ok(upright(width, height, gray, orientation))
}

/// The luma of each color. A palette that is too short is completed with grays, as in Pillow.
fn lumas(palette: &[u8]) -> [u8; 256] {
    let mut lumas = std::array::from_fn(|index| index as u8);
    for (value, color) in lumas.iter_mut().zip(palette.as_chunks::<3>().0) {
        *value = luma(*color);
    }
    lumas
}

fn refusal(error: DecodingError) -> PictureError {
    corrupt("GIF", error)
}
