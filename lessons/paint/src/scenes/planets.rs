//! A planet and a moon.

use super::sky::stars;
use super::view::View;
use crate::canvas::Painter;
use crate::noise::*;

pub(super) fn planet(view: View) -> Painter {
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
        // The planet casts its shadow on the ring behind it, away from the sun.
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

pub(super) fn moon(view: View) -> Painter {
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

/// How much brighter the ground is here, because of a crater that is lit from one side.
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
