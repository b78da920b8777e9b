//! From colours to files.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::tiff::TiffEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageResult};
use rayon::prelude::*;

use crate::Format;
use crate::noise::{Colour, ramp, random};

pub(crate) struct Canvas<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) row_done: &'a (dyn Fn() + Sync),
    pub(crate) colour: Painter,
}

/// The colour of the pixel in this column and row.
pub(crate) type Painter = Box<dyn Fn(u32, u32) -> Colour + Sync>;

impl Canvas<'_> {
    /// The whole picture, as a file of this format.
    pub(crate) fn encode(&self, format: Format) -> ImageResult<Vec<u8>> {
        match format {
            Format::Jpeg => self.jpeg(ExtendedColorType::Rgb8, rgb),
            Format::JpegGray => self.jpeg(ExtendedColorType::L8, gray),
            Format::Png => self.png(ExtendedColorType::Rgb8, rgb),
            Format::PngGray => self.png(ExtendedColorType::L8, gray),
            Format::PngAlpha => self.png(ExtendedColorType::Rgba8, rgba),
            Format::PngPalette => Ok(self.palette()),
            Format::Png16 => self.png(ExtendedColorType::Rgb16, rgb16),
            Format::Tiff => self.tiff(ExtendedColorType::Rgb8, rgb),
            Format::Tiff16 => self.tiff(ExtendedColorType::Rgb16, rgb16),
            Format::WebP => self.webp(),
        }
    }

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
