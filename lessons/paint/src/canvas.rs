//! From the colour of each pixel to a file.

use std::error::Error;
use std::io::Cursor;

use image_webp::WebPEncoder;
use jpeg_encoder::SamplingFactor;
use png::{BitDepth, ColorType, Compression, Filter};
use rayon::prelude::*;
use tiff::encoder::{TiffEncoder, colortype};

use crate::format::Format;
use crate::noise::{Colour, ramp, random};

pub(crate) struct Canvas<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) row_done: &'a (dyn Fn() + Sync),
    pub(crate) colour: Painter,
}

/// A file, or an error if the format cannot hold the picture.
type Encoded = Result<Vec<u8>, Box<dyn Error>>;

/// The colour of the pixel in a column and a row.
pub(crate) type Painter = Box<dyn Fn(u32, u32) -> Colour + Sync>;

impl Canvas<'_> {
    /// The picture as a file of this format.
    pub(crate) fn encode(&self, format: Format) -> Encoded {
        match format {
            Format::Jpeg => self.jpeg(jpeg_encoder::ColorType::Rgb, rgb),
            Format::JpegGray => self.jpeg(jpeg_encoder::ColorType::Luma, gray),
            Format::Png => self.png(ColorType::Rgb, rgb),
            Format::PngGray => self.png(ColorType::Grayscale, gray),
            Format::PngAlpha => self.png(ColorType::Rgba, rgba),
            Format::PngPalette => self.palette(),
            Format::Png16 => self.png16(),
            Format::Tiff => self.tiff::<colortype::RGB8, _, 3>(rgb),
            Format::Tiff16 => self.tiff::<colortype::RGB16, _, 3>(rgb16),
            Format::WebP => self.webp(),
        }
    }

    /// The samples of all pixels, with this many levels of noise.
    ///
    /// One level hides the steps in 8-bit gradients. A photograph has more, which is why its file
    /// is large and takes long to decode.
    fn pixels<T: Copy + Default + Send, const N: usize>(
        &self,
        noise: f32,
        samples: fn(Colour, f32) -> [T; N],
    ) -> Vec<T> {
        let row_length = self.width as usize * N;
        let mut pixels = vec![T::default(); row_length * self.height as usize];
        pixels.par_chunks_mut(row_length).enumerate().for_each(|(row, line)| {
            let row = row as u32;
            for (column, pixel) in line.chunks_exact_mut(N).enumerate() {
                let column = column as u32;
                let grain = 0.5 + noise * (random(0, column as i32, row as i32) - 0.5);
                pixel.copy_from_slice(&samples((self.colour)(column, row), grain));
            }
            (self.row_done)();
        });
        pixels
    }

    fn jpeg<const N: usize>(
        &self,
        kind: jpeg_encoder::ColorType,
        bytes: fn(Colour, f32) -> [u8; N],
    ) -> Encoded {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 88);
        encoder.set_sampling_factor(SamplingFactor::F_1_1);
        let (width, height) = (self.width.try_into()?, self.height.try_into()?);
        encoder.encode(&self.pixels(12.0, bytes), width, height, kind)?;
        Ok(file)
    }

    fn png<const N: usize>(&self, kind: ColorType, bytes: fn(Colour, f32) -> [u8; N]) -> Encoded {
        self.write_png(kind, BitDepth::Eight, &self.pixels(1.0, bytes), None)
    }

    fn png16(&self) -> Encoded {
        let pixels = self.pixels(1.0, rgb16);
        let bytes: Vec<u8> = pixels.into_iter().flat_map(u16::to_be_bytes).collect();
        self.write_png(ColorType::Rgb, BitDepth::Sixteen, &bytes, None)
    }

    fn write_png(
        &self,
        kind: ColorType,
        depth: BitDepth,
        bytes: &[u8],
        palette: Option<Vec<u8>>,
    ) -> Encoded {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(kind);
        encoder.set_depth(depth);
        encoder.set_compression(Compression::Fast);
        match palette {
            Some(palette) => encoder.set_palette(palette),
            None => encoder.set_filter(Filter::Adaptive),
        }
        let mut writer = encoder.write_header()?;
        writer.write_image_data(bytes)?;
        writer.finish()?;
        Ok(file)
    }

    fn tiff<C: colortype::ColorType<Inner = T>, T: Copy + Default + Send, const N: usize>(
        &self,
        samples: fn(Colour, f32) -> [T; N],
    ) -> Encoded
    where
        [T]: tiff::encoder::TiffValue,
    {
        let mut file = Cursor::new(Vec::new());
        let pixels = self.pixels(1.0, samples);
        TiffEncoder::new(&mut file)?.write_image::<C>(self.width, self.height, &pixels)?;
        Ok(file.into_inner())
    }

    fn webp(&self) -> Encoded {
        let mut file = Vec::new();
        let (pixels, kind) = (self.pixels(1.0, rgb), image_webp::ColorType::Rgb8);
        WebPEncoder::new(&mut file).encode(&pixels, self.width, self.height, kind)?;
        Ok(file)
    }

    /// A poster: only the brightness, in 64 colours from ink through ember to paper.
    fn palette(&self) -> Encoded {
        const COLOURS: u8 = 64;
        let indices = self.pixels(1.0, |[r, g, b, _], grain| {
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

        self.write_png(ColorType::Indexed, BitDepth::Eight, &indices, Some(palette))
    }
}

fn byte(value: f32, grain: f32) -> u8 {
    (value * 255.0 + grain) as u8 // `as` keeps it within 0..=255
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

fn rgb16([r, g, b, _]: Colour, _: f32) -> [u16; 3] {
    [r, g, b].map(|value| (value * 65_535.0 + 0.5) as u16)
}

fn luma([r, g, b]: [f32; 3]) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}
