//! A gray picture in memory.

/// A picture with one byte for each pixel, row by row: 0 is black, 255 is white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrayImage {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl GrayImage {
    /// A picture of this size (in pixels) that has the same value everywhere.
    ///
    /// ```
    /// let white = picture::GrayImage::filled(640, 480, 255);
    /// assert_eq!(white.size(), (640, 480));
    /// ```
    pub fn filled(width: u32, height: u32, value: u8) -> Self {
        let pixels = vec![value; width as usize * height as usize];
        Self { width, height, pixels }
    }

    /// A picture of this size (in pixels) from its pixels, row by row. None if their number is
    /// wrong.
    pub fn from_pixels(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        let fits = width as usize * height as usize == pixels.len();
        fits.then_some(Self { width, height, pixels })
    }

    /// Width and height, in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// A byte for each pixel, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Rows and columns exchanged: the left becomes the top.
    pub(crate) fn transposed(&self) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        let pixels = (0..width).flat_map(|x| (0..height).map(move |y| self.pixels[y * width + x]));
        Self { width: self.height, height: self.width, pixels: pixels.collect() }
    }

    /// The top row becomes the bottom row.
    pub(crate) fn upside_down(mut self) -> Self {
        let width = self.width as usize;
        let rows = self.pixels.chunks_exact(width.max(1)).rev();
        self.pixels = rows.flatten().copied().collect();
        self
    }

    /// Left and right exchanged.
    pub(crate) fn mirrored(mut self) -> Self {
        self.pixels.chunks_exact_mut((self.width as usize).max(1)).for_each(<[u8]>::reverse);
        self
    }
}
