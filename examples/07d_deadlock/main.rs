//! A deadlock: each of two workers has the lock that the other waits for. And two cures.
//!
//!     cargo run --example 07d_deadlock
//!     cargo run --example 07d_deadlock -- --cure order
//!     cargo run --example 07d_deadlock -- --cure back-off

mod worker;

use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{bail, ensure};
use clap::Parser;
use hands::println;
use hands::timeline::{Deadlock, Mutex, on_deadlock};
use step::Run;

use worker::{Cure, Worker};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let (size, steps) = (args.plate.size, args.plate.steps);
    ensure!(size > 3, "two bands need a plate of 4 rows or more");
    let expected = heat::one_by_one(size, steps);
    let run = Run::start("07d_deadlock", args.run);

    let bands = heat::cut(size, 2).into_iter().zip(["the upper band", "the lower band"]);
    let bands = Arc::new(bands.map(|(band, name)| Mutex::new(name, band)).collect::<Vec<_>>());
    let barrier = Arc::new(Barrier::new(2));
    let (ends, ended) = mpsc::channel();
    let tell = ends.clone();
    on_deadlock(move |deadlock| tell.send(Err(deadlock)).expect("main listens"));
    for me in [0, 1] {
        let (bands, barrier, ends) = (Arc::clone(&bands), Arc::clone(&barrier), ends.clone());
        let worker = Worker { me, bands, barrier, cure: args.cure };
        let thread = thread::Builder::new().name(format!("worker {}", me + 1));
        thread.spawn(move || {
            worker.run(steps);
            ends.send(Ok(()))
        })?;
    }

    for end in ended.iter().take(2) {
        if let Err(deadlock) = end {
            return stuck(deadlock, args.patience, run);
        }
    }
    let bands: Vec<_> = bands.iter().map(|band| band.lock().expect("nobody panics")).collect();
    heat::check("two locks", &heat::join(bands.iter().map(|band| &**band)), expected)?;
    Ok(run.finish()?)
}
// ANCHOR_END: main

// ANCHOR: stuck
fn stuck(deadlock: Deadlock, patience: Duration, run: Run) -> anyhow::Result<()> {
    println!("{deadlock}");
    thread::sleep(patience); // nothing moves any more, and the picture will show it
    run.finish_untimed()?;
    bail!("a deadlock") // when main ends, so do its threads, even those that wait for ever
}
// ANCHOR_END: stuck

/// A deadlock between the two halves of a hot plate, and two cures.
#[derive(Parser)]
struct Args {
    /// What to do about it
    #[arg(long, value_enum, default_value = "none")]
    cure: Cure,
    /// How many seconds of a deadlock the picture shows
    #[arg(long, value_name = "S", default_value = "0.1", allow_negative_numbers = true, value_parser = step::seconds)]
    patience: Duration,
    #[command(flatten)]
    plate: heat::Plate,
    #[command(flatten)]
    run: step::RunArgs,
}
