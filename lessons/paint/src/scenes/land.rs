//! Scenes on the ground: dunes and mountains.

use super::view::View;
use crate::canvas::Painter;
use crate::noise::*;

pub(super) fn dunes(view: View) -> Painter {
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
        // Of the dunes that cover this place completely, only the nearest is visible.
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

pub(super) fn mountains(view: View) -> Painter {
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
