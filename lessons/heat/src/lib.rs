//! A square plate, hot along its first row, and the heat that spreads over it.
//!
//! In each step a cell takes the mean of its four neighbours, and the rim stays as it is. To
//! compute some rows, you need the row above them, the row below them, and nothing else: that is
//! all that workers must tell each other if each has a band of rows.
//!
//! ```
//!
//! let mut bands = heat::cut(100, 2);
//! for _ in 0..10 {
//!     bands.iter_mut().for_each(heat::Band::advance);
//!     bands[1].above = bands[0].last_row().to_vec();
//!     bands[0].below = bands[1].first_row().to_vec();
//! }
//! heat::check("two bands", &heat::join(&bands), heat::one_by_one(100, 10))?;
//! # Ok::<(), heat::Wrong>(())
//! ```

mod args;

use std::iter::once;
use std::mem;
use std::ops::Range;

use hands::println;

pub use args::Plate;

const HOT: f64 = 100.0;
const COLD: f64 = 20.0;

/// A plate of `size` × `size` cells before the first step, row after row.
pub fn plate(size: usize) -> Vec<f64> {
    let mut cells = vec![COLD; size * size];
    cells[..size].fill(HOT);
    cells
}

/// Computes one step of the rows in `now`, and writes it to `next`.
///
/// # Panics
///
/// If `above` and `below` differ in length.
// ANCHOR: advance
pub fn advance(above: &[f64], now: &[f64], below: &[f64], next: &mut [f64]) {
    let size = above.len();
    let rows = now.chunks_exact(size);
    let above = once(above).chain(rows.clone());
    let below = rows.clone().skip(1).chain(once(below));
    let next = next.chunks_exact_mut(size);
    for (((row, above), below), next) in rows.zip(above).zip(below).zip(next) {
        next.copy_from_slice(row); // the first cell and the last stay
        for x in 1..size - 1 {
            next[x] = (above[x] + below[x] + row[x - 1] + row[x + 1]) / 4.0;
        }
    }
}
// ANCHOR_END: advance

/// Heats the whole plate with one worker. Prints and returns the checksum, which all other ways
/// must arrive at.
pub fn one_by_one(size: usize, steps: usize) -> u64 {
    let mut bands = cut(size, 1);
    for _ in 0..steps {
        bands[0].advance();
    }
    let checksum = checksum(&join(&bands));
    println!("one by one: checksum {checksum:016x}");
    checksum
}

/// The rows that each worker computes. The first and the last row of the plate belong to nobody:
/// they never change.
pub fn bands(size: usize, workers: usize) -> Vec<Range<usize>> {
    let rows = size.saturating_sub(2);
    let workers = workers.clamp(1, rows.max(1));
    (0..workers).map(|n| 1 + rows * n / workers..1 + rows * (n + 1) / workers).collect()
}

/// Some rows of a plate, and copies of the two rows beyond them.
// ANCHOR: band
#[derive(Clone, Debug)]
pub struct Band {
    /// The row above.
    pub above: Vec<f64>,
    /// The rows of the band.
    pub cells: Vec<f64>,
    /// The row below.
    pub below: Vec<f64>,
    next: Vec<f64>,
}

impl Band {
    /// Computes one step.
    pub fn advance(&mut self) {
        advance(&self.above, &self.cells, &self.below, &mut self.next);
        mem::swap(&mut self.cells, &mut self.next);
    }

    /// The row that the worker above needs.
    pub fn first_row(&self) -> &[f64] {
        &self.cells[..self.above.len()]
    }

    /// The row that the worker below needs.
    pub fn last_row(&self) -> &[f64] {
        &self.cells[self.cells.len() - self.above.len()..]
    }
}
// ANCHOR_END: band

/// A plate before the first step, cut into a band for each worker.
pub fn cut(size: usize, workers: usize) -> Vec<Band> {
    let plate = plate(size);
    let copy = |rows: Range<usize>| plate[rows.start * size..rows.end * size].to_vec();
    let band = |y: Range<usize>| Band {
        above: copy(y.start - 1..y.start),
        cells: copy(y.clone()),
        below: copy(y.end..y.end + 1),
        next: copy(y),
    };
    bands(size, workers).into_iter().map(band).collect()
}

/// Puts the bands together again, from the first to the last.
pub fn join<'a>(bands: impl IntoIterator<Item = &'a Band>) -> Vec<f64> {
    let mut plate = Vec::new();
    let mut rim = &Vec::new();
    for band in bands {
        if plate.is_empty() {
            plate.extend(&band.above);
        }
        plate.extend(&band.cells);
        rim = &band.below;
    }
    plate.extend(rim);
    plate
}

/// A number that almost certainly differs if a single bit of a cell does.
pub fn checksum(cells: &[f64]) -> u64 {
    cells.iter().fold(0, |sum: u64, cell| {
        (sum.rotate_left(5) ^ cell.to_bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

/// Checks the plate that was computed in this way, and prints its checksum.
///
/// # Errors
///
/// If it isn't the one that was expected.
pub fn check(way: &str, cells: &[f64], expected: u64) -> Result<(), Wrong> {
    let found = checksum(cells);
    if found != expected {
        return Err(Wrong { way: way.to_owned(), found, expected });
    }
    println!("{way}: checksum {found:016x}, the same");
    Ok(())
}

/// A plate that is not what one worker alone computes.
#[derive(Debug, thiserror::Error)]
#[error("{way}: the checksum is {found:016x}, and should be {expected:016x}")]
pub struct Wrong {
    way: String,
    found: u64,
    expected: u64,
}
