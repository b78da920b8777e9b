//! Pictures from nothing: the same seed paints the same picture, on every machine.
//!
//! Everything comes from value noise: random numbers on the corners of a grid, blended in between,
//! and several such grids, each twice as fine and half as strong, on top of each other. Clouds,
//! nebulae and ridges are that. Only `+ - × ÷`, square roots and rounding are used, which are exact
//! in IEEE 754: a sine may differ in its last bit from one system to the next.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::tiff::TiffEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageResult};
use rayon::prelude::*;

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
pub(super) enum Scene {
    NightSky,
    Dunes,
    Nebula,
    Mountains,
    Aurora,
    Planet,
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
/// use pictures::gallery::paint::{self, Format};
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
    paint(scene, seed, width, height, format, &|| {})
}

/// A PNG that claims to be this large and has next to nothing in it.
///
/// A decoder that believes the header reserves the memory for it: 60,000 × 60,000 pixels are 10.8 GB.
///
/// ```
/// use pictures::gallery::paint;
///
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

/// Paints a scene and encodes it. `row_done` is called for each row of pixels.
pub(super) fn paint(
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
    let file = match format {
        Format::Jpeg => canvas.jpeg(ExtendedColorType::Rgb8, rgb),
        Format::JpegGray => canvas.jpeg(ExtendedColorType::L8, gray),
        Format::Png => canvas.png(ExtendedColorType::Rgb8, rgb),
        Format::PngGray => canvas.png(ExtendedColorType::L8, gray),
        Format::PngAlpha => canvas.png(ExtendedColorType::Rgba8, rgba),
        Format::PngPalette => Ok(canvas.palette()),
        Format::Png16 => canvas.png(ExtendedColorType::Rgb16, rgb16),
        Format::Tiff => canvas.tiff(ExtendedColorType::Rgb8, rgb),
        Format::Tiff16 => canvas.tiff(ExtendedColorType::Rgb16, rgb16),
        Format::WebP => canvas.webp(),
    };
    file.unwrap_or_else(|e| panic!("no {format:?} can have {width} × {height} pixels: {e}"))
}

// --- From colours to files ---

/// Red, green and blue from 0 to 1, as they are displayed, and opacity.
type Colour = [f32; 4];

struct Canvas<'a> {
    width: u32,
    height: u32,
    row_done: &'a (dyn Fn() + Sync),
    colour: Painter,
}

/// The colour of the pixel in this column and row.
type Painter = Box<dyn Fn(u32, u32) -> Colour + Sync>;

impl Canvas<'_> {
    /// All pixels, each turned into bytes, with this many levels of noise.
    ///
    /// One level hides the steps of 8-bit gradients. A photograph has more, and its size and the
    /// time it takes to decode come from that.
    fn pixels<const N: usize>(&self, noise: f32, bytes: fn(Colour, f32) -> [u8; N]) -> Vec<u8> {
        let row_bytes = self.width as usize * N;
        let mut pixels = vec![0; row_bytes * self.height as usize];
        pixels.par_chunks_mut(row_bytes).enumerate().for_each(|(row, line)| {
            let row = row as u32;
            for (column, pixel) in line.chunks_exact_mut(N).enumerate() {
                let column = column as u32;
                let grain = 0.5 + noise * (random(0, column as i32, row as i32) - 0.5);
                pixel.copy_from_slice(&bytes((self.colour)(column, row), grain));
            }
            (self.row_done)();
        });
        pixels
    }

    fn jpeg<const N: usize>(
        &self,
        kind: ExtendedColorType,
        bytes: fn(Colour, f32) -> [u8; N],
    ) -> ImageResult<Vec<u8>> {
        let mut file = Vec::new();
        JpegEncoder::new_with_quality(&mut file, 88).encode(
            &self.pixels(12.0, bytes),
            self.width,
            self.height,
            kind,
        )?;
        Ok(file)
    }

    fn png<const N: usize>(
        &self,
        kind: ExtendedColorType,
        bytes: fn(Colour, f32) -> [u8; N],
    ) -> ImageResult<Vec<u8>> {
        let mut file = Vec::new();
        PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Adaptive)
            .write_image(&self.pixels(1.0, bytes), self.width, self.height, kind)?;
        Ok(file)
    }

    fn tiff<const N: usize>(
        &self,
        kind: ExtendedColorType,
        bytes: fn(Colour, f32) -> [u8; N],
    ) -> ImageResult<Vec<u8>> {
        let mut file = Cursor::new(Vec::new());
        TiffEncoder::new(&mut file).write_image(
            &self.pixels(1.0, bytes),
            self.width,
            self.height,
            kind,
        )?;
        Ok(file.into_inner())
    }

    fn webp(&self) -> ImageResult<Vec<u8>> {
        let mut file = Vec::new();
        WebPEncoder::new_lossless(&mut file).encode(
            &self.pixels(1.0, rgb),
            self.width,
            self.height,
            ExtendedColorType::Rgb8,
        )?;
        Ok(file)
    }

    /// A poster: brightness alone, in 64 colours from ink over ember to paper.
    fn palette(&self) -> Vec<u8> {
        const COLOURS: u8 = 64;
        let indices = self.pixels(1.0, |colour, grain| {
            let [r, g, b, _] = colour;
            [((luma([r, g, b]) * f32::from(COLOURS) + grain - 0.5) as u8).min(COLOURS - 1)]
        });
        let palette: Vec<u8> = (0..COLOURS)
            .flat_map(|i| {
                let t = f32::from(i) / f32::from(COLOURS - 1);
                let [r, g, b] = ramp(
                    &[
                        [0.07, 0.06, 0.16],
                        [0.42, 0.16, 0.31],
                        [0.90, 0.45, 0.27],
                        [0.98, 0.93, 0.82],
                    ],
                    t,
                );
                rgb([r, g, b, 1.0], 0.5)
            })
            .collect();

        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(palette);
        encoder.set_compression(png::Compression::Fast);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&indices)?;
            writer.finish()
        });
        written.expect("a palette, its indices and a place in memory are all that is needed");
        file
    }
}

fn byte(value: f32, grain: f32) -> u8 {
    (value * 255.0 + grain) as u8 // `as` keeps to 0..=255
}

fn rgb([r, g, b, _]: Colour, grain: f32) -> [u8; 3] {
    [byte(r, grain), byte(g, grain), byte(b, grain)]
}

fn rgba([r, g, b, a]: Colour, grain: f32) -> [u8; 4] {
    [byte(r, grain), byte(g, grain), byte(b, grain), byte(a, 0.5)]
}

fn gray([r, g, b, _]: Colour, grain: f32) -> [u8; 1] {
    [byte(luma([r, g, b]), grain)]
}

/// 16 bits each, in the machine's own byte order, as the encoders want them.
fn rgb16([r, g, b, _]: Colour, _: f32) -> [u8; 6] {
    let [r0, r1] = ((r * 65_535.0 + 0.5) as u16).to_ne_bytes();
    let [g0, g1] = ((g * 65_535.0 + 0.5) as u16).to_ne_bytes();
    let [b0, b1] = ((b * 65_535.0 + 0.5) as u16).to_ne_bytes();
    [r0, r1, g0, g1, b0, b1]
}

fn luma([r, g, b]: [f32; 3]) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}

// --- The scenes ---

impl Scene {
    fn painter(self, seed: u32, width: u32, height: u32) -> Painter {
        let view = View { seed, width, height };
        match self {
            Scene::NightSky => night_sky(view),
            Scene::Dunes => dunes(view),
            Scene::Nebula => nebula(view),
            Scene::Mountains => mountains(view),
            Scene::Aurora => aurora(view),
            Scene::Planet => planet(view),
            Scene::Moon => moon(view),
        }
    }
}

/// A place on the canvas is (x, y): y from 0 at the top to 1 at the bottom, x in the same unit.
#[derive(Clone, Copy)]
struct View {
    seed: u32,
    width: u32,
    height: u32,
}

impl View {
    fn place(&self, column: u32, row: u32) -> (f32, f32) {
        let unit = 1.0 / self.height as f32;
        ((column as f32 + 0.5) * unit, (row as f32 + 0.5) * unit)
    }

    fn aspect(&self) -> f32 {
        self.width as f32 / self.height as f32
    }

    /// Something that changes slowly from place to place, such as clouds: it is worked out for one
    /// pixel in many, and blended in between. On a large picture this saves nearly all of the work.
    fn slowly<const N: usize>(
        self,
        at: impl Fn(f32, f32) -> [f32; N] + Sync,
    ) -> impl Fn(u32, u32) -> [f32; N] + Sync {
        let step = (self.height / 512).max(1);
        let columns = self.width / step + 2;
        let rows = self.height / step + 2;
        let grid: Vec<[f32; N]> = (0..rows)
            .into_par_iter()
            .flat_map_iter(|row| {
                let at = &at;
                (0..columns).map(move |column| {
                    let (x, y) = self.place(column * step, row * step);
                    at(x, y)
                })
            })
            .collect();
        let unit = 1.0 / step as f32;
        move |column, row| {
            let (i, j) = (column / step, row / step);
            let (tx, ty) = ((column - i * step) as f32 * unit, (row - j * step) as f32 * unit);
            let left_top = (j * columns + i) as usize;
            let upper = &grid[left_top..][..2];
            let lower = &grid[left_top + columns as usize..][..2];
            std::array::from_fn(|n| {
                let upper = upper[0][n] + (upper[1][n] - upper[0][n]) * tx;
                let lower = lower[0][n] + (lower[1][n] - lower[0][n]) * tx;
                upper + (lower - upper) * ty
            })
        }
    }

    /// How much of the pixel at height y is below this edge: 0, 1, or in between along the edge.
    fn below(&self, y: f32, edge: f32) -> f32 {
        ((y - edge) * self.height as f32 + 0.5).clamp(0.0, 1.0)
    }

    /// A horizon, one height for each column.
    fn ridge(&self, layer: u32, base: f32, rise: f32, scale: f32, octaves: u32) -> Vec<f32> {
        let seed = scramble(self.seed ^ (layer + 1));
        (0..self.width)
            .map(|column| {
                let (x, _) = self.place(column, 0);
                base + rise * (0.5 - clouds(seed, x * scale, 0.5, octaves))
            })
            .collect()
    }
}

fn night_sky(view: View) -> Painter {
    let seed = view.seed;
    let lean = 0.45 + 0.3 * random(seed, 1, 0);
    let ridges = [
        view.ridge(0, 0.80, 0.16, 1.6, 4),
        view.ridge(1, 0.88, 0.20, 1.1, 4),
        view.ridge(2, 0.98, 0.26, 0.8, 5),
    ];
    // The Milky Way: a leaning band of light with dust in it.
    let milky_way = view.slowly(move |x, y| {
        let wisp = clouds(seed, x * 3.0, y * 3.0, 6);
        let off = (y - lean * x) + 0.10 - (lean - 0.6) + (wisp - 0.5) * 0.22;
        let band = (1.0 - (off * off) * 14.0).max(0.0);
        let dust = smooth(0.40, 0.70, clouds(seed ^ 2, x * 5.0, y * 5.0, 6)) * band;
        [band, dust, band * band * (0.15 + 0.85 * wisp) * (1.0 - 0.85 * dust)]
    });
    Box::new(move |column, row| {
        let (x, y) = view.place(column, row);
        let mut sky = ramp(
            &[[0.012, 0.020, 0.060], [0.035, 0.070, 0.160], [0.16, 0.24, 0.36], [0.52, 0.40, 0.34]],
            y * 1.12,
        );
        let [band, dust, light] = milky_way(column, row);
        sky = add(sky, [0.58, 0.50, 0.56], light * 0.85);
        sky = add(sky, [0.30, 0.10, 0.16], band * dust * 0.25);
        sky = stars(seed, sky, x, y, 0.35 + 0.5 * band);
        let column = column as usize;
        for (layer, ridge) in ridges.iter().enumerate() {
            let near = layer as f32 / 2.0;
            let depth = y - ridge[column];
            let glow = (1.0 - depth * 9.0).max(0.0);
            let sand = mix([0.13, 0.12, 0.17], [0.030, 0.028, 0.050], near);
            let sand = add(sand, [0.16, 0.11, 0.10], glow * glow * (1.0 - near) * 0.8);
            sky = mix(sky, sand, view.below(y, ridge[column]));
        }
        opaque(sky)
    })
}

fn dunes(view: View) -> Painter {
    let seed = view.seed;
    let layers: Vec<(Vec<f32>, f32)> = (0..6)
        .map(|layer| {
            let near = layer as f32 / 5.0;
            let base = 0.40 + 0.52 * near * near + 0.06 * near;
            (view.ridge(layer, base, 0.16 + 0.22 * near, 1.9 - 1.1 * near, 3), near)
        })
        .collect();
    let sun = (view.aspect() * (0.25 + 0.5 * random(seed, 2, 0)), 0.27);
    let wind = view.slowly(move |x, y| {
        let drift = |layer| clouds(seed ^ layer, x * 2.5, y * 4.0, 3);
        [clouds(seed, x * 1.3, y * 6.0, 4), drift(1), drift(2), drift(3)]
    });
    Box::new(move |column, row| {
        let (x, y) = view.place(column, row);
        let [veil, drifts @ ..] = wind(column, row);
        let mut colour = ramp(
            &[[0.30, 0.45, 0.68], [0.66, 0.68, 0.76], [0.97, 0.80, 0.62], [0.99, 0.72, 0.48]],
            y * 2.0,
        );
        colour = mix(colour, [1.0, 0.93, 0.86], 0.5 * smooth(0.5, 0.8, veil));
        let (dx, dy) = (x - sun.0, y - sun.1);
        let away = dx * dx + dy * dy;
        colour = add(colour, [0.50, 0.36, 0.18], 0.012 / (0.012 + away));
        colour = mix(colour, [1.0, 0.98, 0.90], 1.0 - smooth(0.0018, 0.0022, away));
        let column = column as usize;
        // Of the dunes that cover this place whole, only the nearest is seen.
        let hidden = layers.iter().rposition(|(ridge, _)| view.below(y, ridge[column]) == 1.0);
        for (layer, (ridge, near)) in layers.iter().enumerate().skip(hidden.unwrap_or(0)) {
            let cover = view.below(y, ridge[column]);
            if cover == 0.0 {
                continue;
            }
            // The side of a dune that faces the sun is lit.
            let next = ridge[(column + 1 + ridge.len() / 200).min(ridge.len() - 1)];
            let before = ridge[column.saturating_sub(1 + ridge.len() / 200)];
            let slope = (next - before) * 200.0 / view.aspect() / 2.0;
            let facing = slope * (3.0 * (sun.0 - x)).clamp(-1.0, 1.0);
            let lit = smooth(-0.5, 0.6, -facing + 0.25);
            let depth = y - ridge[column];
            let ripple = wave(
                depth * (60.0 - 30.0 * near) + 3.0 * veil + 5.0 * drifts[layer % drifts.len()],
            );
            let far = [0.93, 0.70, 0.52];
            let bright = mix(far, [0.93, 0.55, 0.26], *near);
            let dark = mix([0.80, 0.58, 0.50], [0.38, 0.15, 0.12], *near);
            let mut sand = mix(dark, bright, (lit + 0.10 * near * (ripple - 0.5)).clamp(0.0, 1.0));
            sand = mix(sand, dark, 0.55 * smooth(0.0, 0.35, depth) * near);
            colour = mix(colour, sand, cover);
        }
        opaque(colour)
    })
}

fn nebula(view: View) -> Painter {
    let seed = view.seed;
    let palettes = [
        [[0.02, 0.02, 0.06], [0.20, 0.07, 0.26], [0.82, 0.28, 0.30], [1.0, 0.80, 0.56]],
        [[0.01, 0.03, 0.06], [0.04, 0.22, 0.32], [0.34, 0.58, 0.56], [0.99, 0.86, 0.64]],
        [[0.03, 0.02, 0.05], [0.26, 0.10, 0.14], [0.80, 0.44, 0.20], [0.96, 0.90, 0.80]],
    ];
    let palette = palettes[(random(seed, 3, 0) * 3.0) as usize % 3];
    let gas_and_dust = view.slowly(move |x, y| {
        // Noise that is looked up where other noise says: that folds clouds into curtains.
        let qx = clouds(seed, x * 1.7, y * 1.7, 4);
        let qy = clouds(seed ^ 11, x * 1.7, y * 1.7, 4);
        let gas = clouds(seed ^ 12, x * 1.7 + 2.6 * qx, y * 1.7 + 2.6 * qy, 6);
        let glow = smooth(0.26, 0.78, gas);
        let mut colour = ramp(&palette, glow * (0.55 + 0.75 * qx));
        colour = add(colour, [0.06, 0.16, 0.34], smooth(0.45, 0.75, qy) * (1.0 - glow));
        let dust = smooth(0.52, 0.74, clouds(seed ^ 13, x * 2.4 + qy, y * 2.4 + gas, 5));
        let [r, g, b] = mix(colour, [0.02, 0.015, 0.03], 0.7 * dust);
        [r, g, b, dust]
    });
    Box::new(move |column, row| {
        let (x, y) = view.place(column, row);
        let [r, g, b, dust] = gas_and_dust(column, row);
        opaque(stars(seed, [r, g, b], x, y, 0.55 - 0.25 * dust))
    })
}

fn mountains(view: View) -> Painter {
    let seed = view.seed;
    const LAYERS: u32 = 7;
    let layers: Vec<(Vec<f32>, f32)> = (0..LAYERS)
        .map(|layer| {
            let near = layer as f32 / (LAYERS - 1) as f32;
            (view.ridge(layer, 0.34 + 0.60 * near, 0.34, 1.2 + 1.1 * near, 7), near)
        })
        .collect();
    let sun = view.aspect() * (0.3 + 0.4 * random(seed, 4, 0));
    let mists = view.slowly(move |x, y| [clouds(seed ^ 5, x * 1.8, y * 7.0, 4)]);
    Box::new(move |column, row| {
        let (x, y) = view.place(column, row);
        let mut colour =
            ramp(&[[0.36, 0.52, 0.70], [0.70, 0.76, 0.82], [0.98, 0.88, 0.76]], y * 2.2);
        let (dx, dy) = (x - sun, y - 0.24);
        colour = add(colour, [0.30, 0.24, 0.14], 0.02 / (0.02 + dx * dx + dy * dy));
        let [drift] = mists(column, row);
        let column = column as usize;
        let hidden = layers.iter().rposition(|(ridge, _)| view.below(y, ridge[column]) == 1.0);
        for (ridge, near) in &layers[hidden.unwrap_or(0)..] {
            let edge = ridge[column];
            let cover = view.below(y, edge);
            if cover == 0.0 {
                continue;
            }
            let rock = ramp(&[[0.62, 0.68, 0.76], [0.32, 0.42, 0.52], [0.07, 0.12, 0.16]], *near);
            // Mist gathers in the valleys.
            let mist = smooth(0.02, 0.26, y - edge) * (0.30 + 0.70 * drift) * (1.0 - 0.6 * near);
            colour = mix(colour, mix(rock, [0.88, 0.87, 0.86], mist), cover);
        }
        opaque(colour)
    })
}

fn aurora(view: View) -> Painter {
    let seed = view.seed;
    let shore = 0.80;
    let hills = view.ridge(0, shore - 0.05, 0.16, 2.2, 6);
    let shine = move |x: f32, y: f32| {
        let mut light = [0.0; 3];
        for curtain in 0..3_u32 {
            let seed = seed ^ (20 + curtain);
            let sway = clouds(seed, x * 1.1, y * 0.7, 3) - 0.5;
            let foot = 0.62 - 0.13 * curtain as f32 + 0.50 * sway;
            if foot - y < -0.02 {
                continue; // nothing shines under a curtain
            }
            let rays = clouds(seed ^ 7, x * 16.0 + 14.0 * sway, y * 0.6, 3);
            let up = foot - y;
            let rise = smooth(-0.02, 0.03, up);
            let fall = 1.0 / (1.0 + up.max(0.0) * (5.0 + 7.0 * rays));
            let strength = rise * fall * fall * (0.35 + 1.1 * rays * rays) * 0.85;
            let tint = ramp(
                &[[0.22, 0.95, 0.52], [0.16, 0.70, 0.56], [0.48, 0.24, 0.68]],
                up.max(0.0) * 2.6,
            );
            light = add(light, tint, strength);
        }
        light
    };
    // The lake shows the sky upside down, stretched, and a little broken.
    let seen = move |x: f32, y: f32| {
        if y <= shore {
            return y;
        }
        let broken = clouds(seed ^ 31, x * 5.0, y * 70.0, 2) - 0.5;
        shore - (y - shore) * 2.6 - broken * 0.05
    };
    let light = view.slowly(move |x, y| shine(x, seen(x, y)));
    Box::new(move |column, row| {
        let (x, y) = view.place(column, row);
        let water = y > shore;
        let above = seen(x, y);
        let mut colour =
            ramp(&[[0.012, 0.020, 0.065], [0.030, 0.075, 0.130], [0.09, 0.17, 0.22]], above);
        if !water {
            colour = stars(seed, colour, x, y, 0.4);
        }
        colour = add(colour, light(column, row), 1.0);
        let land = view.below(above, hills[column as usize]);
        colour = mix(colour, [0.012, 0.022, 0.030], land);
        if water {
            colour = mix(colour, [0.02, 0.05, 0.08], 0.45);
        }
        opaque(colour)
    })
}

fn planet(view: View) -> Painter {
    let seed = view.seed;
    let (cx, cy) = (view.aspect() / 2.0, 0.5);
    let bands = [[0.55, 0.38, 0.26], [0.86, 0.72, 0.52], [0.96, 0.88, 0.74], [0.70, 0.50, 0.36]];
    Box::new(move |column, row| {
        let (x, y) = view.place(column, row);
        // Turned by about 20 degrees: (0.94, 0.34) is a unit vector, nearly.
        let (dx, dy) = (x - cx, y - cy);
        let (px, py) = ((0.94 * dx + 0.34 * dy) / 0.27, (0.94 * dy - 0.34 * dx) / 0.27);
        let far = px * px + py * py;
        let unit = 0.27 * view.height as f32;
        let disc = ((1.0 - far.sqrt()) * unit + 0.5).clamp(0.0, 1.0);

        let around = (px * px + (py / 0.30) * (py / 0.30)).sqrt();
        let inside = smooth(1.28, 1.31, around) * (1.0 - smooth(1.74, 1.77, around));
        if inside == 0.0 && disc == 0.0 {
            return [0.0; 4];
        }
        let gap = 1.0 - 0.8 * smooth(1.50, 1.52, around) * (1.0 - smooth(1.56, 1.58, around));
        let groove = 0.35 + 0.65 * clouds(seed ^ 3, around * 26.0, 0.5, 3);
        let ring = inside * gap * groove;
        // The planet's shadow lies on the ring behind it, away from the sun.
        let shaded = if py < 0.0 && px > 0.2 && px < 1.25 { 0.25 } else { 1.0 };
        let ring_colour = mix([0.0; 3], [0.93, 0.85, 0.72], (0.55 + 0.45 * groove) * shaded);

        let pz = (1.0 - far).max(0.0).sqrt();
        let swirl = clouds(seed, px * 2.0 / (0.6 + pz), py * 5.0, 5) - 0.5;
        let latitude = py * 3.2 + swirl * 0.6;
        let tone = clouds(seed ^ 9, latitude * 2.0 + 40.0, 0.5, 3);
        let light = (-0.58 * px - 0.35 * py + 0.73 * pz).max(0.0);
        let ball = mix([0.02, 0.015, 0.02], ramp(&bands, tone), (0.04 + 1.05 * light).min(1.0));

        // Back half of the ring, then the ball, then the front half.
        let mut colour = ring_colour;
        let mut alpha = ring;
        if py < 0.0 || disc == 0.0 {
            colour = mix(colour, ball, disc);
            alpha = alpha.max(disc);
        } else {
            colour = mix(ball, ring_colour, ring * 0.9);
            alpha = alpha.max(disc);
        }
        [colour[0], colour[1], colour[2], alpha]
    })
}

fn moon(view: View) -> Painter {
    let seed = view.seed;
    let (cx, cy, radius) = (view.aspect() / 2.0, 0.5, 0.42);
    Box::new(move |column, row| {
        let (x, y) = view.place(column, row);
        let (px, py) = ((x - cx) / radius, (y - cy) / radius);
        let far = px * px + py * py;
        let mut sky = stars(seed, [0.012, 0.014, 0.020], x, y, 0.25);
        sky = add(sky, [0.20, 0.20, 0.22], 0.04 / (0.3 + far * far * far));
        let disc = ((1.0 - far.sqrt()) * radius * view.height as f32 + 0.5).clamp(0.0, 1.0);
        if disc == 0.0 {
            return opaque(sky);
        }
        let pz = (1.0 - far).max(0.0).sqrt();
        // Seen from above the middle, so that craters grow narrow towards the edge.
        let (u, v) = (px * 2.0 / (1.0 + pz) + 9.0, py * 2.0 / (1.0 + pz) + 9.0);
        let maria = smooth(0.47, 0.62, clouds(seed, u * 1.1, v * 1.1, 5));
        let rough = clouds(seed ^ 4, u * 9.0, v * 9.0, 4) - 0.5;
        let mut relief = 0.20 * rough;
        for (size, strength) in [(2.0, 0.42), (5.0, 0.36), (12.0, 0.30)] {
            relief +=
                strength * crater(seed ^ size as u32, u * size, v * size) * (1.0 - 0.6 * maria);
        }
        let light = (-0.62 * px - 0.30 * py + 0.72 * pz).max(0.0);
        let tone = (0.78 - 0.34 * maria) * (0.03 + 1.1 * light.sqrt()) * (1.0 + relief);
        opaque(mix(sky, [tone, tone * 0.985, tone * 0.95], disc))
    })
}

/// How much brighter the ground is here, for a crater of which one side is lit.
fn crater(seed: u32, u: f32, v: f32) -> f32 {
    let (cell_u, cell_v) = (floor(u), floor(v));
    let mut relief = 0.0;
    for i in cell_u - 1..=cell_u + 1 {
        for j in cell_v - 1..=cell_v + 1 {
            let radius = random(seed, i, j);
            let radius = 0.12 + 0.42 * radius * radius;
            let du = u - (i as f32 + random(seed ^ 0x51, i, j));
            let dv = v - (j as f32 + random(seed ^ 0x52, i, j));
            let d = (du * du + dv * dv).sqrt() / radius;
            if d < 1.3 {
                let towards_sun = (-0.85 * du - 0.5 * dv) / radius;
                let wall = smooth(0.3, 0.85, d) * (1.0 - smooth(0.88, 1.0, d));
                let rim = smooth(0.9, 1.02, d) * (1.0 - smooth(1.05, 1.3, d));
                relief +=
                    towards_sun * (0.7 * rim - 1.1 * wall) - 0.10 * (1.0 - smooth(0.6, 1.0, d));
            }
        }
    }
    relief
}

/// Stars on top of a colour: many faint ones, and a few bright.
fn stars(seed: u32, mut sky: [f32; 3], x: f32, y: f32, density: f32) -> [f32; 3] {
    for (grid, size, share, strength) in [(110.0, 0.16, density, 0.75), (22.0, 0.10, 0.22, 1.3)] {
        let (gx, gy) = (x * grid, y * grid);
        let (i, j) = (floor(gx), floor(gy));
        let seed = seed ^ grid as u32;
        if random(seed, i, j) >= share {
            continue;
        }
        let dx = gx - (i as f32 + 0.25 + 0.5 * random(seed ^ 0x61, i, j));
        let dy = gy - (j as f32 + 0.25 + 0.5 * random(seed ^ 0x62, i, j));
        let magnitude = random(seed ^ 0x63, i, j);
        let magnitude = magnitude * magnitude * magnitude;
        let reach = size * (0.6 + magnitude);
        let near = (1.0 - (dx * dx + dy * dy) / (reach * reach)).max(0.0);
        let tint = mix([0.78, 0.86, 1.0], [1.0, 0.88, 0.74], random(seed ^ 0x64, i, j));
        sky = add(sky, tint, near * near * (0.12 + magnitude) * strength);
    }
    sky
}

// --- Noise and colours ---

/// The finalizer of MurmurHash3 (Austin Appleby, public domain): every bit of the input moves every
/// bit of the output.
const fn scramble(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x85EB_CA6B);
    bits ^= bits >> 13;
    bits = bits.wrapping_mul(0xC2B2_AE35);
    bits ^ (bits >> 16)
}

/// A number from 0 to 1 (exclusive) for this corner of the grid, always the same.
fn random(seed: u32, i: i32, j: i32) -> f32 {
    let corner = (i as u32).wrapping_mul(0x9E37_79B1) ^ (j as u32).wrapping_mul(0x7FEB_352D);
    fraction(scramble(seed.wrapping_add(corner)))
}

/// The upper 24 bits (as many as an `f32` keeps) as a number from 0 to 1, exclusive.
const fn fraction(bits: u32) -> f32 {
    (bits >> 8) as i32 as f32 * (1.0 / 16_777_216.0)
}

/// Value noise: between the corners of the grid, their numbers are blended.
///
/// The numbers come from a table, which is three times as fast as to make them, and repeats every 128
/// corners, which nobody sees: each seed looks elsewhere in it.
fn noise(seed: u32, x: f32, y: f32) -> f32 {
    const SIDE: usize = 128;
    static CORNERS: [f32; SIDE * SIDE] = {
        let mut corners = [0.0; SIDE * SIDE];
        let mut i = 0;
        while i < corners.len() {
            corners[i] = fraction(scramble(i as u32 + 1));
            i += 1;
        }
        corners
    };
    let start = scramble(seed) as usize;
    let corner = |i: i32, j: i32| {
        let (i, j) = (start.wrapping_add(i as usize), (start >> 7).wrapping_add(j as usize));
        CORNERS[(j % SIDE) * SIDE + i % SIDE]
    };
    let (i, j) = (floor(x), floor(y));
    let (tx, ty) = (ease(x - i as f32), ease(y - j as f32));
    let upper = corner(i, j) * (1.0 - tx) + corner(i + 1, j) * tx;
    let lower = corner(i, j + 1) * (1.0 - tx) + corner(i + 1, j + 1) * tx;
    upper * (1.0 - ty) + lower * ty
}

/// Several layers of noise, each twice as fine and half as strong, and turned against the last so
/// that no grid shows. From 0 to 1, mostly near one half.
fn clouds(seed: u32, mut x: f32, mut y: f32, octaves: u32) -> f32 {
    let mut sum = 0.0;
    let mut strength = 0.5;
    for octave in 0..octaves {
        sum += strength * noise(seed.wrapping_add(octave), x, y);
        strength *= 0.5;
        (x, y) = (1.6 * x + 1.2 * y + 17.0, 1.6 * y - 1.2 * x + 31.0);
    }
    sum / (1.0 - 2.0 * strength) // the strengths added up to this
}

/// The next whole number below. (`f32::floor` is a call into the C library where the processor is
/// not known to have an instruction for it; this took a quarter of the time.)
fn floor(x: f32) -> i32 {
    let cut = x as i32; // towards zero
    cut - i32::from(x < cut as f32)
}

fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// 0 below `from`, 1 above `to`, and a soft step between.
fn smooth(from: f32, to: f32, value: f32) -> f32 {
    ease(((value - from) / (to - from)).clamp(0.0, 1.0))
}

/// Up and down between 0 and 1, once per unit: nearly a sine.
fn wave(t: f32) -> f32 {
    ease((2.0 * (t - floor(t) as f32) - 1.0).abs())
}

fn mix(a: [f32; 3], b: [f32; 3], t: f32) -> [f32; 3] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

fn add(colour: [f32; 3], light: [f32; 3], strength: f32) -> [f32; 3] {
    std::array::from_fn(|i| colour[i] + light[i] * strength)
}

/// The colour at t (0 to 1) along a row of evenly spaced ones.
fn ramp(colours: &[[f32; 3]], t: f32) -> [f32; 3] {
    let last = colours.len() - 1;
    let place = t.clamp(0.0, 1.0) * last as f32;
    let left = (place as usize).min(last - 1);
    mix(colours[left], colours[left + 1], place - left as f32)
}

fn opaque([r, g, b]: [f32; 3]) -> Colour {
    [r, g, b, 1.0]
}

#[cfg(test)]
mod tests {
    use image::{ColorType, DynamicImage};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn every_format_holds_the_pixels_it_promises() {
        for (format, pixels) in [
            (Format::Jpeg, ColorType::Rgb8),
            (Format::JpegGray, ColorType::L8),
            (Format::Png, ColorType::Rgb8),
            (Format::PngGray, ColorType::L8),
            (Format::PngAlpha, ColorType::Rgba8),
            (Format::PngPalette, ColorType::Rgb8), // as `image` shows a palette
            (Format::Png16, ColorType::Rgb16),
            (Format::Tiff, ColorType::Rgb8),
            (Format::Tiff16, ColorType::Rgb16),
            (Format::WebP, ColorType::Rgb8),
        ] {
            let file = picture(3, 37, 23, format);
            let kind = image::guess_format(&file).unwrap();
            assert_eq!(kind.to_mime_type(), format.content_type());
            assert!(kind.extensions_str().contains(&format.extension()));
            let picture = image::load_from_memory(&file).unwrap();
            assert_eq!((picture.width(), picture.height()), (37, 23));
            assert_eq!(picture.color(), pixels, "{format:?}");
        }
        let palette = picture(3, 37, 23, Format::PngPalette);
        let reader = png::Decoder::new(Cursor::new(palette)).read_info().unwrap();
        assert_eq!(reader.info().color_type, png::ColorType::Indexed);
    }

    #[test]
    fn only_the_planet_lets_the_ground_shine_through() {
        for (seed, scene) in SCENES.iter().enumerate() {
            let file = picture(seed as u64, 40, 30, Format::PngAlpha);
            let Ok(DynamicImage::ImageRgba8(picture)) = image::load_from_memory(&file) else {
                panic!("not RGBA");
            };
            let clear = picture.pixels().any(|pixel| pixel.0[3] == 0);
            assert_eq!(clear, *scene == Scene::Planet);
        }
    }

    #[test]
    fn any_shape_can_be_painted() {
        for (width, height) in [(1, 1), (1, 600), (600, 1), (3, 1300)] {
            for seed in 0..SCENES.len() as u64 {
                let picture = image::load_from_memory(&picture(seed, width, height, Format::Png));
                let picture = picture.unwrap();
                assert_eq!((picture.width(), picture.height()), (width, height));
            }
        }
    }

    /// If this fails, the pictures (or an encoder) have changed: look at them, then count up
    /// `collection::VERSION` and note the new hash.
    #[test]
    fn the_same_seed_paints_the_same_picture_for_ever() {
        let mut hash = Sha256::new();
        for seed in 0..SCENES.len() as u64 {
            for format in Format::ALL {
                hash.update(picture(seed, 80, 60, format));
            }
        }
        // Large enough that what changes slowly is blended.
        hash.update(picture(0, 8, 1100, Format::Tiff));
        let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "939b203d5d67b6b14eb3b6ddf0feebb2b31a28625b2798e7cd463fba233d9f78");
        assert_ne!(picture(0, 80, 60, Format::Tiff), picture(7, 80, 60, Format::Tiff));
    }

    #[test]
    fn the_checksum_is_the_one_of_the_specification() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b"IEND"), 0xAE42_6082);
    }
}
