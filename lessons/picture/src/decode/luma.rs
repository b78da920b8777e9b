//! From colors to gray, like Pillow's `convert("L")`.

/// ITU-R 601-2 in fixed point. Channels after R, G and B are dropped.
pub(super) fn to_luma<const CHANNELS: usize>(pixels: &[u8]) -> Vec<u8> {
    lumas::<CHANNELS>(pixels).collect()
}

/// The same, one by one.
pub(super) fn lumas<const CHANNELS: usize>(pixels: &[u8]) -> impl Iterator<Item = u8> {
    let (pixels, _) = pixels.as_chunks::<CHANNELS>();
    pixels.iter().map(|pixel| luma([pixel[0], pixel[1], pixel[2]]))
}

pub(super) fn luma(rgb: [u8; 3]) -> u8 {
    let [r, g, b] = rgb.map(u32::from);
    ((19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16) as u8
}

/// Four inks, each from 0 to 255. Channels after them are dropped.
pub(super) fn cmyk_to_luma<const CHANNELS: usize>(pixels: &[u8]) -> Vec<u8> {
    let (pixels, _) = pixels.as_chunks::<CHANNELS>();
    pixels.iter().map(|pixel| luma(inks_to_rgb([pixel[0], pixel[1], pixel[2], pixel[3]]))).collect()
}

fn inks_to_rgb([c, m, y, k]: [u8; 4]) -> [u8; 3] {
    let left = 255 - k;
    [c, m, y].map(|ink| left - scaled(ink, left))
}

/// Four channels, each 255 minus the value in the file. The first three are the YCbCr of the
/// inverted inks.
pub(super) fn ycck_to_luma(pixels: &[u8]) -> Vec<u8> {
    let (pixels, _) = pixels.as_chunks::<4>();
    let to_luma = |&[y, cb, cr, k]: &[u8; 4]| {
        let [y, cb, cr] = [255 - y, 255 - cb, 255 - cr].map(f32::from);
        let (cb, cr) = (cb - 128.0, cr - 128.0);
        let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
        let [c, m, y] = rgb.map(|value| value.round() as u8); // `as` keeps it within 0 to 255
        luma(inks_to_rgb([c, m, y, k]))
    };
    pixels.iter().map(to_luma).collect()
}

/// `a * b / 255`, rounded.
fn scaled(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    ((product + (product >> 8)) >> 8) as u8
}

/// Scales 16 bits to 8, rounded: 65535 becomes 255.
pub(super) fn to_8_bit(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}
