//! A deadlock: each of two workers has the lock that the other waits for. And two cures.
//!
//!     cargo run --example 07d_deadlock
//!     cargo run --example 07d_deadlock -- --cure order
//!     cargo run --example 07d_deadlock -- --cure back-off

mod worker;

use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{bail, ensure};
use clap::Parser;
use crossbeam::channel::{self, Receiver, RecvTimeoutError};
use hands::println;
use step::Run;

use worker::{Cure, Worker};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let (size, steps) = (args.plate.size, args.plate.steps);
    ensure!(size > 3, "two bands need a plate of 4 rows or more");
    let expected = heat::one_by_one(size, steps);
    let run = Run::start("07d_deadlock", args.run);

    let bands = Arc::new(heat::cut(size, 2).into_iter().map(Mutex::new).collect::<Vec<_>>());
    let barrier = Arc::new(Barrier::new(2));
    let (says, said) = channel::unbounded();
    for me in [0, 1] {
        let (bands, barrier) = (Arc::clone(&bands), Arc::clone(&barrier));
        let worker = Worker { me, bands, barrier, cure: args.cure, says: says.clone() };
        let thread = thread::Builder::new().name(format!("worker {}", me + 1));
        thread.spawn(move || worker.run(steps))?;
    }
    drop(says);

    if let Err(deadlock) = watch(&said, args.patience) {
        run.finish_untimed()?;
        return Err(deadlock); // main's end is the end of its threads, even of those that wait for ever
    }
    let bands: Vec<_> = bands.iter().map(|band| band.lock().expect("nobody panics")).collect();
    heat::check("two locks", &heat::join(bands.iter().map(|band| &**band)), expected)?;
    Ok(run.finish()?)
}
// ANCHOR_END: main

// ANCHOR: watch
/// Listens to the workers. When none has said anything for a while, tells what each said last.
fn watch(said: &Receiver<(usize, &'static str)>, patience: Duration) -> anyhow::Result<()> {
    let mut last = ["has not begun"; 2];
    loop {
        match said.recv_timeout(patience) {
            Ok((worker, what)) => last[worker] = what,
            Err(RecvTimeoutError::Disconnected) => return Ok(()), // both have ended
            Err(RecvTimeoutError::Timeout) => break,
        }
    }
    println!("Nobody has moved for {} second(s):", patience.as_secs_f64());
    println!("worker 1 has the upper band, and {}", last[0]);
    println!("worker 2 has the lower band, and {}", last[1]);
    bail!("a deadlock")
}
// ANCHOR_END: watch

/// A deadlock between the two halves of a hot plate, and two cures.
#[derive(Parser)]
struct Args {
    /// What to do about it
    #[arg(long, value_enum, default_value = "none")]
    cure: Cure,
    /// How many seconds without a word the program takes for a deadlock
    #[arg(long, value_name = "S", default_value = "1", allow_negative_numbers = true, value_parser = step::seconds)]
    patience: Duration,
    #[command(flatten)]
    plate: heat::Plate,
    #[command(flatten)]
    run: step::RunArgs,
}
