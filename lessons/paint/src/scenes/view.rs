//! Places on the canvas, and what all scenes need.

use rayon::prelude::*;

use crate::noise::*;

/// The canvas, on which a place is (x, y): y from 0 at the top to 1 at the bottom, x in the same
/// unit.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub(super) seed: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl View {
    pub(super) fn place(&self, column: u32, row: u32) -> (f32, f32) {
        let unit = 1.0 / self.height as f32;
        ((column as f32 + 0.5) * unit, (row as f32 + 0.5) * unit)
    }

    pub(super) fn aspect(&self) -> f32 {
        self.width as f32 / self.height as f32
    }

    /// For what changes slowly from place to place, such as clouds: it is computed for one pixel in
    /// many, and blended in between. On a large picture this saves nearly all of the work.
    pub(super) fn slowly<const N: usize>(
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
    pub(super) fn below(&self, y: f32, edge: f32) -> f32 {
        ((y - edge) * self.height as f32 + 0.5).clamp(0.0, 1.0)
    }

    /// A horizon, one height for each column.
    pub(super) fn ridge(
        &self,
        layer: u32,
        base: f32,
        rise: f32,
        scale: f32,
        octaves: u32,
    ) -> Vec<f32> {
        let seed = scramble(self.seed ^ (layer + 1));
        (0..self.width)
            .map(|column| {
                let (x, _) = self.place(column, 0);
                base + rise * (0.5 - clouds(seed, x * scale, 0.5, octaves))
            })
            .collect()
    }
}
