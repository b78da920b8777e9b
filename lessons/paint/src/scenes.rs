//! What there is to see.

use rayon::prelude::*;

use crate::Scene;
use crate::canvas::Painter;
use crate::noise::*;

impl Scene {
    pub(crate) fn painter(self, seed: u32, width: u32, height: u32) -> Painter {
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
