//! Shared state: counts that get lost, a lock that is poisoned, and a plate that all workers see.
//!
//!     cargo run --example 07b_shared
//!     cargo run --release --example 07b_shared -- --size 3000

mod contention;
mod count;

use std::iter::once;
use std::sync::{Barrier, RwLock};
use std::thread;

use clap::Parser;
use hands::pool::ThreadPool;
use hands::timeline::span;
use heat::Plate;
use step::Run;

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let Args { workers, plate, run } = Args::parse();
    let expected = heat::one_by_one(plate.size, plate.steps);
    let run = Run::start("07b_shared", run);

    run.section("count");
    count::count(workers)?;
    run.section("contention");
    contention::contention(workers)?;
    run.end_section();
    count::poisoned();

    run.section("heat");
    let cells = in_bands(plate, workers)?;
    run.end_section();
    heat::check("shared state", &cells, expected)?;
    Ok(run.finish()?)
}
// ANCHOR_END: main

// ANCHOR: bands
fn in_bands(plate: Plate, workers: usize) -> anyhow::Result<Vec<f64>> {
    let Plate { size, steps } = plate;
    let cells = heat::plate(size);
    let bands = heat::bands(size, workers);
    let workers = bands.len();
    // The plate twice, as it is and as it will be, in bands. The rim is the first and the last.
    let rim = |y| once(y..y + 1);
    let cut = || -> Vec<RwLock<Vec<f64>>> {
        let bands = rim(0).chain(bands.clone()).chain(rim(size - 1));
        bands.map(|y| RwLock::new(cells[y.start * size..y.end * size].to_vec())).collect()
    };
    let plates = [cut(), cut()];
    let all_done = Barrier::new(workers);
    let work = |n: usize| {
        for step in 0..steps {
            let (now, next) = (&plates[step % 2], &plates[(step + 1) % 2]);
            let computing = span(format!("step {}", step + 1));
            let [above, rows, below] =
                [n - 1, n, n + 1].map(|n| now[n].read().expect("nobody panics"));
            let mut next = next[n].write().expect("nobody panics");
            heat::advance(&above[above.len() - size..], &rows, &below[..size], &mut next);
            drop((above, rows, below, next)); // the four guards: this unlocks
            drop(computing);
            all_done.wait(); // no worker begins the next step before all have finished this one
        }
    };
    thread::scope(|s| {
        // As many workers as bands: a barrier waits for all of them.
        ThreadPool::scoped(s, workers)?.map(work, 1..=workers)?;
        anyhow::Ok(())
    })?;
    let [even, odd] = plates;
    let last = if steps.is_multiple_of(2) { even } else { odd };
    Ok(last.into_iter().flat_map(|band| band.into_inner().expect("nobody panics")).collect())
}
// ANCHOR_END: bands

/// Shared state: lost counts, a poisoned lock, and a hot plate that all workers see.
#[derive(Parser)]
struct Args {
    /// How many threads count, and how many bands the plate is cut into, with a worker each
    #[arg(long, value_name = "N", default_value_t = step::one_per_core(), value_parser = step::workers)]
    workers: usize,
    #[command(flatten)]
    plate: Plate,
    #[command(flatten)]
    run: step::RunArgs,
}
