//! The blur and the thumbnail.

use pictures::picture::{GrayImage, blur, thumbnail};

fn filled(width: u32, height: u32, value: u8) -> GrayImage {
    from_fn(width, height, |_, _| value)
}

fn from_fn(width: u32, height: u32, value: impl Fn(u32, u32) -> u8) -> GrayImage {
    let pixels = (0..width * height).map(|n| value(n % width, n / width)).collect();
    GrayImage::from_pixels(width, height, pixels).unwrap()
}

/// Hard edges on a ramp, which are harder than any photograph.
fn edges(x: u32, y: u32) -> u8 {
    if x / 25 % 2 == y / 30 % 2 { 250 } else { (x + y) as u8 / 2 }
}

const SIZE: (u32, u32) = (150, 90);

/// The Gaussian by its definition, in both directions.
fn exact(picture: &GrayImage, sigma: f64) -> Vec<f64> {
    let (width, height) = (i64::from(SIZE.0), i64::from(SIZE.1));
    let reach = (5.0 * sigma) as i64;
    let weights: Vec<f64> =
        (-reach..=reach).map(|d| (-((d * d) as f64) / (2.0 * sigma * sigma)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let along = |from: &[f64], dx: i64, dy: i64| -> Vec<f64> {
        let at = |x: i64, y: i64| {
            from[(y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize]
        };
        let value = |x, y| {
            let near = (-reach..=reach).zip(&weights);
            near.map(|(d, weight)| weight / sum * at(x + d * dx, y + d * dy)).sum()
        };
        (0..width * height).map(|n| value(n % width, n / width)).collect()
    };
    let pixels: Vec<f64> = picture.pixels().iter().copied().map(f64::from).collect();
    along(&along(&pixels, 1, 0), 0, 1)
}

#[test]
fn the_blur_is_a_gaussian_within_four_levels() {
    let picture = from_fn(SIZE.0, SIZE.1, edges);
    for sigma in [1.5, 4.0, 10.0] {
        let blurred = blur(&picture, sigma);
        let pairs = blurred.pixels().iter().zip(exact(&picture, f64::from(sigma)));
        let worst = pairs.map(|(&ours, exact)| (f64::from(ours) - exact).abs()).fold(0.0, f64::max);
        assert!(worst < 4.0, "sigma {sigma}: {worst}");
    }
}

#[test]
fn each_sigma_keeps_a_flat_picture_flat() {
    for (width, height) in [(1, 1), (2, 1), (1, 40), (17, 33)] {
        let flat = filled(width, height, 77);
        for sigma in [-1.0, 0.0, 0.1, 0.5, 1.0, 10.0, 300.0, f32::INFINITY, f32::NAN] {
            assert_eq!(blur(&flat, sigma), flat, "sigma {sigma}, {width}x{height}");
        }
    }
}

#[test]
fn rows_and_columns_are_blurred_alike() {
    let blurred = blur(&from_fn(SIZE.0, SIZE.1, edges), 10.0);
    let turned = blur(&from_fn(SIZE.1, SIZE.0, |x, y| edges(y, x)), 10.0);
    let pixel = |x, y| blurred.pixels()[(y * SIZE.0 + x) as usize];
    let expected = from_fn(SIZE.1, SIZE.0, |x, y| pixel(y, x));
    let pairs = turned.pixels().iter().zip(expected.pixels());
    // The first direction is rounded first.
    assert!(pairs.map(|(a, b)| a.abs_diff(*b)).max() <= Some(1));
}

#[test]
fn a_flat_picture_stays_flat_at_every_size() {
    for (width, height) in [(1, 1), (2, 1), (1, 300), (127, 129), (1000, 33)] {
        for side in [1, 7, 128] {
            let (flat, expected) = (filled(width, height, 201), filled(side, side, 201));
            assert_eq!(thumbnail(&flat, side), expected, "{width}x{height} to {side}");
        }
    }
}

#[test]
fn the_same_size_is_the_same_picture() {
    let picture = from_fn(50, 50, |x, y| (x * 5 + y * 3 * (x % 3)) as u8);
    assert_eq!(thumbnail(&picture, 50), picture);
}
