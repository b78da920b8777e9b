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
/// let reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info()?;
/// assert_eq!(reader.info().size(), (40, 30));
/// assert_eq!(file, paint::picture(7, 40, 30, Format::Png));
/// # Ok::<(), png::DecodingError>(())
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
/// let reader = png::Decoder::new(std::io::Cursor::new(&bomb)).read_info()?;
/// assert_eq!(reader.info().size(), (60_000, 60_000));
/// # Ok::<(), png::DecodingError>(())
/// ```
pub fn bomb(width: u32, height: u32) -> Vec<u8> {
    let no_bytes = [0x78, 0x01, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]; // compressed by zlib
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a vector takes it");
    writer.write_chunk(png::chunk::IDAT, &no_bytes).expect("a vector takes it");
    drop(writer); // writes the end
    file
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
