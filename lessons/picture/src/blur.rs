//! The Gaussian blur, by extended box filters.
//!
//! A box filter replaces each pixel with the mean of its neighbours. Three of them in a row come
//! close to a Gaussian, and a box of any width costs the same: the pixel that enters it is added,
//! and the one that leaves it is subtracted. Whole boxes have only certain variances, so the two
//! pixels at the ends of an *extended* box count for a fraction.
//!
//! Source of the formulas: P. Gwosdek, S. Grewenig, A. Bruhn, J. Weickert, "Theoretical Foundations
//! of Gaussian Convolution by Extended Box Filtering", SSVM 2011. Pillow's `GaussianBlur` is the
//! same filter, so the two agree. The exact Gaussian differs by less than 4 gray levels (a test
//! compares them).

use super::gray::GrayImage;

const PASSES: u32 = 3;

/// How many columns are filtered at a time: their sums are side by side in vector registers.
const LANES: usize = 16;

/// One row of a strip that is [`LANES`] columns wide.
type Row = [f32; LANES];

/// A box of `2 * whole + 1` pixels, and one more at each end that counts for `edge`.
#[derive(Clone, Copy)]
struct ExtendedBox {
    whole: usize,
    edge: f32,
}

impl ExtendedBox {
    /// The box whose variance is sigma² / [`PASSES`] (equations 11 and 13 of the paper).
    fn new(sigma: f32) -> Self {
        let variance = f64::from(sigma) * f64::from(sigma) / f64::from(PASSES);
        let whole = (((12.0 * variance + 1.0).sqrt() - 1.0) / 2.0).floor();
        let edge = (2.0 * whole + 1.0) * (whole * (whole + 1.0) - 3.0 * variance)
            / (6.0 * (variance - (whole + 1.0) * (whole + 1.0)));
        Self { whole: whole as usize, edge: edge as f32 }
    }

    /// The sum of the weights.
    fn weight(self) -> f32 {
        (2 * self.whole + 1) as f32 + 2.0 * self.edge
    }

    /// Moves the box down a strip of columns. Beyond the ends, the first and the last row are
    /// repeated.
    fn run_down(self, from: &[Row], to: &mut [Row]) {
        let reach = self.whole + 1;
        let last = from.len() - 1;
        let row = |y: usize| &from[y.saturating_sub(reach).min(last)]; // y counts from -reach
        let mut sum = [0.0; LANES];
        for y in 1..=2 * self.whole + 1 {
            add(&mut sum, row(y));
        }
        for (y, to) in to.iter_mut().enumerate() {
            let (before, first, after) = (row(y), row(y + 1), row(y + 2 * reach));
            for lane in 0..LANES {
                to[lane] = sum[lane] + self.edge * (before[lane] + after[lane]);
                sum[lane] += after[lane] - first[lane];
            }
        }
    }
}

fn add(sum: &mut Row, row: &Row) {
    for (sum, value) in sum.iter_mut().zip(row) {
        *sum += value;
    }
}

/// Blurs with a Gaussian whose standard deviation is `sigma` pixels; beyond the borders, the
/// outermost pixels are repeated. The time it takes does not depend on `sigma`. Zero or less
/// changes nothing.
///
/// ```
/// use picture::{GrayImage, blur};
///
/// let flat = GrayImage::filled(3, 2, 200);
/// assert_eq!(blur(&flat, 10.0), flat);
/// ```
pub fn blur(picture: &GrayImage, sigma: f32) -> GrayImage {
    let (width, height) = picture.size();
    if width == 0 || height == 0 || sigma.is_nan() || sigma <= 0.0 {
        return picture.clone();
    }
    let window = ExtendedBox::new(sigma.min(10_000.0)); // wider than any picture
    let turned = blur_down_and_turn(picture.pixels(), width as usize, height as usize, window);
    let blurred = blur_down_and_turn(&turned, height as usize, width as usize, window);
    GrayImage::from_pixels(width, height, blurred).expect("turned twice, it has its size again")
}

/// Blurs each column, and returns the picture with rows and columns exchanged. Calling it twice
/// blurs both directions, with code for only one, and with memory read and written in order.
fn blur_down_and_turn(pixels: &[u8], width: usize, height: usize, window: ExtendedBox) -> Vec<u8> {
    let mut turned = vec![0; pixels.len()];
    let mut strip: Vec<Row> = vec![[0.0; LANES]; height];
    let mut passed = strip.clone();
    let scale = window.weight().powi(PASSES as i32).recip();
    for left in (0..width).step_by(LANES) {
        let lanes = LANES.min(width - left);
        for (row, pixels) in strip.iter_mut().zip(pixels.chunks_exact(width)) {
            for (value, &pixel) in row.iter_mut().zip(&pixels[left..left + lanes]) {
                *value = f32::from(pixel);
            }
        }
        for _ in 0..PASSES {
            window.run_down(&strip, &mut passed);
            std::mem::swap(&mut strip, &mut passed);
        }
        let columns = &mut turned[left * height..][..lanes * height];
        for (block, rows) in strip.chunks(LANES).enumerate() {
            let mut square = [[0; LANES]; LANES];
            for (y, row) in rows.iter().enumerate() {
                for lane in 0..LANES {
                    square[lane][y] = (row[lane] * scale + 0.5) as u8;
                }
            }
            for (column, values) in columns.chunks_exact_mut(height).zip(&square) {
                column[block * LANES..][..rows.len()].copy_from_slice(&values[..rows.len()]);
            }
        }
    }
    turned
}
