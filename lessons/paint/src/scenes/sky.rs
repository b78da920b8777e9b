//! Scenes in the sky: the night, a nebula, northern lights.

use super::view::View;
use crate::canvas::Painter;
use crate::noise::*;

pub(super) fn night_sky(view: View) -> Painter {
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

pub(super) fn nebula(view: View) -> Painter {
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

pub(super) fn aurora(view: View) -> Painter {
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

/// Stars on top of a colour: many faint ones, and a few bright.
pub(super) fn stars(seed: u32, mut sky: [f32; 3], x: f32, y: f32, density: f32) -> [f32; 3] {
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
