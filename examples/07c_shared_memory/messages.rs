//! Processes that share nothing.

use std::ops::Range;

use hands::pool::ProcessPool;
use hands::process::Task;
use hands::timeline::span;

// ANCHOR: messages
/// The same without shared memory: each step sends out every band, and its new rows come back.
pub(crate) fn messages(size: usize, steps: usize, workers: usize) -> anyhow::Result<Vec<f64>> {
    let mut plate = heat::plate(size);
    let bands = heat::bands(size, workers);
    let pool = ProcessPool::new(bands.len())?;
    for _ in 0..steps {
        let around = |y: &Range<usize>| plate[(y.start - 1) * size..(y.end + 1) * size].to_vec();
        let inputs: Vec<_> = bands.iter().map(|rows| (size, around(rows))).collect();
        let rows = pool.map(&ROWS, inputs)?.concat();
        plate[size..size * (size - 1)].copy_from_slice(&rows);
    }
    Ok(plate)
}

pub(crate) const ROWS: Task<(usize, Vec<f64>), Vec<f64>> = Task::new("rows", |(size, now)| {
    let _span = span("step");
    let (above, rest) = now.split_at(size);
    let (rows, below) = rest.split_at(rest.len() - size);
    let mut next = rows.to_vec();
    heat::advance(above, rows, below, &mut next);
    next
});
// ANCHOR_END: messages
