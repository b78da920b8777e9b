//! Resizing with the Lanczos filter, which averages enough pixels to keep edges smooth.
//!
//! Source of the formula: K. Turkowski, "Filters for Common Resampling Tasks", Graphics Gems I,
//! 1990: `sinc(x) sinc(x / 3)` for `|x| < 3`, stretched by the factor by which the picture shrinks.

use std::f64::consts::PI;

use super::gray::GrayImage;

const LOBES: f64 = 3.0;

/// How many columns are summed at a time: their sums are side by side in vector registers.
const LANES: usize = 32;

/// The rows that one row of the result is made of: the first of them, and the weight of each.
struct Window {
    first: usize,
    weights: Vec<f32>,
}

/// Resizes to `side` × `side` pixels with a Lanczos filter (a = 3). Like Pillow's `resize`, it
/// stretches a picture that is not square.
///
/// # Panics
/// If the picture has no pixels.
///
/// ```
/// use picture::{GrayImage, thumbnail};
///
/// assert_eq!(thumbnail(&GrayImage::filled(2, 1, 0), 128).size(), (128, 128));
/// ```
pub fn thumbnail(picture: &GrayImage, side: u32) -> GrayImage {
    assert!(!picture.pixels().is_empty(), "a picture without pixels has no thumbnail");
    let (width, height) = picture.size();
    let (width, height) = (width as usize, height as usize);
    let turned = resize_down_and_turn(picture.pixels(), width, height, side as usize);
    let resized = resize_down_and_turn(&turned, side as usize, width, side as usize);
    GrayImage::from_pixels(side, side, resized).expect("turned twice, it is upright again")
}

/// Resizes each column to `side` pixels, and returns the picture with rows and columns exchanged.
fn resize_down_and_turn(pixels: &[u8], width: usize, height: usize, side: usize) -> Vec<u8> {
    let mut turned = vec![0; width * side];
    for (y, window) in windows(height, side).enumerate() {
        let rows = &pixels[window.first * width..][..window.weights.len() * width];
        for left in (0..width).step_by(LANES) {
            let mut sums = [0.5; LANES]; // the half is for rounding
            for (row, weight) in rows.chunks_exact(width).zip(&window.weights) {
                match row[left..].first_chunk::<LANES>() {
                    Some(pixels) => add(&mut sums, pixels, *weight),
                    None => add(&mut sums, &row[left..], *weight),
                }
            }
            for (x, sum) in (left..width).zip(sums) {
                turned[x * side + y] = sum as u8; // `as` keeps it within 0 to 255
            }
        }
    }
    turned
}

#[inline(always)] // so that it is compiled for exactly LANES pixels, too
fn add(sums: &mut [f32; LANES], pixels: &[u8], weight: f32) {
    for (sum, &pixel) in sums.iter_mut().zip(pixels) {
        *sum += weight * f32::from(pixel);
    }
}

/// For each of `to` pixels, which of the `from` pixels it is made of.
fn windows(from: usize, to: usize) -> impl Iterator<Item = Window> {
    let scale = from as f64 / to as f64;
    let stretch = scale.max(1.0);
    (0..to).map(move |pixel| {
        let center = (pixel as f64 + 0.5) * scale;
        let first = (center - LOBES * stretch).round().max(0.0) as usize;
        let end = ((center + LOBES * stretch).round() as usize).min(from);
        let weight = |pixel: usize| lanczos((pixel as f64 + 0.5 - center) / stretch);
        let sum: f64 = (first..end).map(weight).sum();
        Window { first, weights: (first..end).map(|pixel| (weight(pixel) / sum) as f32).collect() }
    })
}

fn lanczos(x: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    if x.abs() < LOBES { sinc(x) * sinc(x / LOBES) } else { 0.0 }
}
