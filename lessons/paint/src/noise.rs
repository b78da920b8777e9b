//! Noise, and arithmetic with numbers and colours.

/// Red, green and blue as they are displayed, and opacity, each from 0 to 1.
pub(crate) type Colour = [f32; 4];

/// The finalizer of MurmurHash3 (Austin Appleby, public domain): every bit of the input moves every
/// bit of the output.
pub(crate) const fn scramble(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x85EB_CA6B);
    bits ^= bits >> 13;
    bits = bits.wrapping_mul(0xC2B2_AE35);
    bits ^ (bits >> 16)
}

/// A number from 0 to 1 (exclusive) for this corner of the grid, always the same.
pub(crate) fn random(seed: u32, i: i32, j: i32) -> f32 {
    let corner = (i as u32).wrapping_mul(0x9E37_79B1) ^ (j as u32).wrapping_mul(0x7FEB_352D);
    fraction(scramble(seed.wrapping_add(corner)))
}

/// The upper 24 bits (as many as an `f32` keeps) as a number from 0 to 1, exclusive.
pub(crate) const fn fraction(bits: u32) -> f32 {
    (bits >> 8) as i32 as f32 * (1.0 / 16_777_216.0)
}

/// Value noise: between the corners of the grid, their numbers are blended.
///
/// The numbers come from a table, which is three times as fast as computing them. It repeats every
/// 128 corners, which cannot be seen, because each seed begins elsewhere in it.
pub(crate) fn noise(seed: u32, x: f32, y: f32) -> f32 {
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
pub(crate) fn clouds(seed: u32, mut x: f32, mut y: f32, octaves: u32) -> f32 {
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
pub(crate) fn floor(x: f32) -> i32 {
    let cut = x as i32; // towards zero
    cut - i32::from(x < cut as f32)
}

pub(crate) fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// 0 below `from`, 1 above `to`, and a soft step between.
pub(crate) fn smooth(from: f32, to: f32, value: f32) -> f32 {
    ease(((value - from) / (to - from)).clamp(0.0, 1.0))
}

/// Up and down between 0 and 1, once per unit: nearly a sine.
pub(crate) fn wave(t: f32) -> f32 {
    ease((2.0 * (t - floor(t) as f32) - 1.0).abs())
}

pub(crate) fn mix(a: [f32; 3], b: [f32; 3], t: f32) -> [f32; 3] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

pub(crate) fn add(colour: [f32; 3], light: [f32; 3], strength: f32) -> [f32; 3] {
    std::array::from_fn(|i| colour[i] + light[i] * strength)
}

/// The colour at t (0 to 1) along a row of evenly spaced ones.
pub(crate) fn ramp(colours: &[[f32; 3]], t: f32) -> [f32; 3] {
    let last = colours.len() - 1;
    let place = t.clamp(0.0, 1.0) * last as f32;
    let left = (place as usize).min(last - 1);
    mix(colours[left], colours[left + 1], place - left as f32)
}

pub(crate) fn opaque([r, g, b]: [f32; 3]) -> Colour {
    [r, g, b, 1.0]
}
