//! Pictures from nothing: the same seed paints the same picture, on every machine.
//!
//! Everything is made from value noise: random numbers at the corners of a grid, blended in
//! between, and several such grids on top of each other, each twice as fine and half as strong.
//! That is enough for clouds, nebulae and ridges. Only `+ - × ÷`, square roots and rounding are
//! used, because IEEE 754 defines their results exactly: the last bit of a sine may differ from one
//! system to the next.

mod canvas;
mod format;
mod noise;
mod scenes;
#[cfg(test)]
mod tests;

pub use format::Format;
pub use scenes::Scene;

use canvas::Canvas;
use noise::scramble;

/// A picture file of this size (in pixels), painted from this seed.
///
/// For tests, which need a valid picture of a few pixels rather than a gallery:
///
/// ```
/// use paint::Format;
///
/// let file = paint::picture(7, 40, 30, Format::Png);
/// let picture = image::load_from_memory(&file)?;
/// assert_eq!((picture.width(), picture.height()), (40, 30));
/// assert_eq!(file, paint::picture(7, 40, 30, Format::Png));
/// # Ok::<(), image::ImageError>(())
/// ```
///
/// # Panics
///
/// If the width or the height is 0, or more than the format allows: 65,535 for a JPEG, 16,383 for a
/// WebP.
pub fn picture(seed: u64, width: u32, height: u32, format: Format) -> Vec<u8> {
    let scene = Scene::ALL[(seed % Scene::ALL.len() as u64) as usize];
    self::scene(scene, seed, width, height, format, &|| {})
}

/// A PNG that claims to be this large (in pixels), and is nearly empty.
///
/// A decoder that believes it allocates the memory: 60,000 × 60,000 pixels take 10.8 GB.
///
/// ```
/// let bomb = paint::bomb(60_000, 60_000);
/// assert!(bomb.len() < 100);
/// let size = image::ImageReader::new(std::io::Cursor::new(bomb)).with_guessed_format()?;
/// assert_eq!(size.into_dimensions()?, (60_000, 60_000));
/// # Ok::<(), image::ImageError>(())
/// ```
pub fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut header = Vec::from(*b"IHDR");
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]); // 8 bits, RGB, deflate, adaptive filters, not interlaced
    let no_pixels = [0x78, 0x01, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]; // no bytes, compressed by zlib
    let mut file = Vec::from(*b"\x89PNG\r\n\x1a\n");
    for chunk in [header, [&b"IDAT"[..], &no_pixels].concat(), Vec::from(*b"IEND")] {
        file.extend((chunk.len() as u32 - 4).to_be_bytes());
        file.extend(&chunk);
        file.extend(crc32(&chunk).to_be_bytes());
    }
    file
}

/// The checksum of a PNG chunk: CRC-32 as in the specification, annex D, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

/// Paints this scene from this seed, as a file of this format. `row_done` is called after each row
/// of pixels, on the thread (one of rayon's) that has painted it.
///
/// # Panics
///
/// As [`picture`].
pub fn scene(
    scene: Scene,
    seed: u64,
    width: u32,
    height: u32,
    format: Format,
    row_done: &(dyn Fn() + Sync),
) -> Vec<u8> {
    assert!(width > 0 && height > 0, "a picture has at least one pixel");
    let seed = scramble(seed as u32 ^ scramble((seed >> 32) as u32));
    let canvas = Canvas { width, height, row_done, colour: scene.painter(seed, width, height) };
    let file = canvas.encode(format);
    file.unwrap_or_else(|e| panic!("no {format:?} can have {width} × {height} pixels: {e}"))
}
