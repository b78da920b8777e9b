//! From the samples of a chunk to gray.

use super::super::luma::{cmyk_to_luma, luma, to_luma};
use super::layout::{Layout, Meaning};

/// One byte for each pixel, from `layout.samples` bytes.
pub(super) fn to_gray(layout: &Layout<'_>, samples: &[u8]) -> Vec<u8> {
    let first = |value: fn(u8) -> u8| {
        samples.iter().step_by(layout.samples).map(|&sample| value(sample)).collect()
    };
    let each = |value: fn(&[u8]) -> u8| samples.chunks_exact(layout.samples).map(value).collect();
    match (&layout.meaning, layout.samples) {
        (Meaning::Palette(lumas), step) => {
            samples.iter().step_by(step).map(|&index| lumas[usize::from(index)]).collect()
        }
        (Meaning::Gray { is_inverted: true }, _) => first(|sample| 255 - sample),
        (Meaning::Gray { .. }, _) if layout.is_premultiplied => {
            each(|pixel| whole(pixel[0], pixel[1]))
        }
        (Meaning::Gray { .. }, 1) => samples.to_vec(),
        (Meaning::Gray { .. } | Meaning::YCbCr, _) => first(|sample| sample),
        (Meaning::Rgb, _) if layout.is_premultiplied => each(|pixel| {
            luma([pixel[0], pixel[1], pixel[2]].map(|channel| whole(channel, pixel[3])))
        }),
        (Meaning::Rgb, 3) => to_luma::<3>(samples),
        (Meaning::Rgb, 4) => to_luma::<4>(samples),
        (Meaning::Rgb, _) => each(|pixel| luma([pixel[0], pixel[1], pixel[2]])),
        (Meaning::Cmyk, 4) => cmyk_to_luma::<4>(samples),
        (Meaning::Cmyk, _) => each(|pixel| cmyk_to_luma::<4>(&pixel[..4])[0]),
    }
}

/// Undoes the multiplication with alpha, like Pillow.
fn whole(channel: u8, alpha: u8) -> u8 {
    match u16::from(alpha) {
        0 => 0,
        alpha => (u16::from(channel) * 255 / alpha).min(255) as u8,
    }
}
