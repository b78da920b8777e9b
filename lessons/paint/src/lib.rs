//! Pictures from nothing: the same seed paints the same picture, on every machine.
//!
//! Everything comes from value noise: random numbers on the corners of a grid, blended in between,
//! and several such grids, each twice as fine and half as strong, on top of each other. Clouds,
//! nebulae and ridges are that. Only `+ - × ÷`, square roots and rounding are used, which are exact
//! in IEEE 754: a sine may differ in its last bit from one system to the next.

mod canvas;
mod noise;
mod scenes;
#[cfg(test)]
mod tests;

use canvas::Canvas;
use noise::scramble;

/// How a picture is kept: the file format, and the kind of pixels in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Baseline JPEG in colour.
    Jpeg,
    /// Baseline JPEG in gray.
    JpegGray,
    /// PNG, 8 bits for each of red, green and blue.
    Png,
    /// PNG, 8 bits of gray.
    PngGray,
    /// PNG, 8-bit colour with transparency.
    PngAlpha,
    /// PNG, one of 64 colours from a palette.
    PngPalette,
    /// PNG, 16 bits for each of red, green and blue.
    Png16,
    /// TIFF, 8 bits for each of red, green and blue.
    Tiff,
    /// TIFF, 16 bits for each of red, green and blue.
    Tiff16,
    /// Lossless WebP in colour.
    WebP,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 10] = [
        Format::Jpeg,
        Format::JpegGray,
        Format::Png,
        Format::PngGray,
        Format::PngAlpha,
        Format::PngPalette,
        Format::Png16,
        Format::Tiff,
        Format::Tiff16,
        Format::WebP,
    ];

    /// The Content-Type of such a file.
    pub fn content_type(self) -> &'static str {
        match self.extension() {
            "jpg" => "image/jpeg",
            "png" => "image/png",
            "tif" => "image/tiff",
            _ => "image/webp",
        }
    }

    /// The usual ending of such a file's name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Jpeg | Format::JpegGray => "jpg",
            Format::Png
            | Format::PngGray
            | Format::PngAlpha
            | Format::PngPalette
            | Format::Png16 => "png",
            Format::Tiff | Format::Tiff16 => "tif",
            Format::WebP => "webp",
        }
    }
}

/// What there is to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Stars above a dark horizon.
    NightSky,
    /// Sand in low light.
    Dunes,
    /// Glowing gas, and stars.
    Nebula,
    /// Ridges in mist.
    Mountains,
    /// Northern lights over a lake.
    Aurora,
    /// A ringed planet; around it the picture is transparent, where its format can be.
    Planet,
    /// A half moon with craters.
    Moon,
}

const SCENES: [Scene; 7] = [
    Scene::Nebula,
    Scene::Dunes,
    Scene::NightSky,
    Scene::Mountains,
    Scene::Aurora,
    Scene::Planet,
    Scene::Moon,
];

/// A whole picture file of this size (in pixels), painted from this seed.
///
/// For tests, which want a valid picture of a few pixels rather than a gallery:
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
/// If the width or the height is 0, or more than 65,535 (the most that a JPEG holds; WebP stops at 16,383).
pub fn picture(seed: u64, width: u32, height: u32, format: Format) -> Vec<u8> {
    let scene = SCENES[(seed % SCENES.len() as u64) as usize];
    self::scene(scene, seed, width, height, format, &|| {})
}

/// A PNG that claims to be this large and has next to nothing in it.
///
/// A decoder that believes the header reserves the memory for it: 60,000 × 60,000 pixels are 10.8 GB.
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
    let no_pixels = [0x78, 0x01, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]; // zlib's word for nothing
    let mut file = Vec::from(*b"\x89PNG\r\n\x1a\n");
    for chunk in [header, [&b"IDAT"[..], &no_pixels].concat(), Vec::from(*b"IEND")] {
        file.extend((chunk.len() as u32 - 4).to_be_bytes());
        file.extend(&chunk);
        file.extend(crc32(&chunk).to_be_bytes());
    }
    file
}

/// The checksum of PNG's chunks: CRC-32 as in its specification, annex D, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

/// Paints this scene from this seed, as a file of this format. `row_done` is called for each row of pixels, on the
/// thread (one of rayon's) that has painted it.
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
