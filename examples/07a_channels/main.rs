//! Channels: workers that need each other's results send them.
//!
//!     cargo run --example 07a_channels
//!     cargo run --release --example 07a_channels -- --size 3000

mod full_queue;
mod worker;

use std::thread;

use clap::Parser;
use heat::Plate;
use step::Run;

use full_queue::full_queue;
use worker::{pair, work};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let Args { workers, plate, run } = Args::parse();
    let expected = heat::one_by_one(plate.size, plate.steps);
    let run = Run::start("07a_channels", run);

    run.section("a full queue");
    full_queue();
    run.section("heat");
    let cells = in_bands(plate, workers)?;
    run.end_section();
    heat::check("channels", &cells, expected)?;
    Ok(run.finish()?)
}
// ANCHOR_END: main

// ANCHOR: bands
fn in_bands(plate: Plate, workers: usize) -> anyhow::Result<Vec<f64>> {
    let bands = heat::cut(plate.size, workers);
    let last = bands.len() - 1;
    thread::scope(|s| {
        let mut threads = Vec::new();
        let mut above = None; // there is none above the first band
        for (n, band) in bands.into_iter().enumerate() {
            let (below, next_above) = if n < last { pair() } else { (None, None) };
            let work = move || work(band, above, below, plate.steps);
            let thread = thread::Builder::new().name(format!("band {}", n + 1));
            threads.push(thread.spawn_scoped(s, work)?);
            above = next_above;
        }
        let bands = threads.into_iter().map(|thread| thread.join().expect("no worker panics"));
        Ok(heat::join(&bands.collect::<anyhow::Result<Vec<_>>>()?))
    })
}
// ANCHOR_END: bands

/// Channels: a queue that is full and then closed, and a hot plate whose bands exchange borders.
#[derive(Parser)]
struct Args {
    /// How many bands the plate is cut into, each with a worker of its own
    #[arg(long, value_name = "N", default_value_t = step::one_per_core(), value_parser = step::workers)]
    workers: usize,
    #[command(flatten)]
    plate: Plate,
    #[command(flatten)]
    run: step::RunArgs,
}
