//! Cancelling: the first failure ends the rest, a deadline keeps the results so far, and a task
//! that listens is told. One that doesn't can only be killed, with its process.
//!
//!     cargo run --example 04b_cancel
//!     cargo run --example 04b_cancel -- --kind processes

mod report;
mod tasks;

use std::time::Instant;

use clap::Parser;
use hands::pool::{ProcessPool, ThreadPool};
use hands::println;
use hands::process::init;
use step::{Kind, Run};

use report::{first_failure, one_task, so_far};
use tasks::{COUNT, NAP, Nap, count, nap};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    init(&[&NAP, &COUNT]);
    let Args { sleeps, kind, run } = Args::parse();
    let run = Run::start("04b_cancel", run);
    let unit = sleeps.seconds;
    let naps = [4, 3, 2, 1, 5].map(|units| Nap { time: unit * units, ends_badly: units == 1 });

    match kind {
        Kind::Threads => {
            let pool = ThreadPool::new(sleeps.workers)?;
            first_failure(&run, || pool.try_map(nap, naps));
            so_far(&run, naps, |naps| pool.map_until(Instant::now() + unit * 7 / 2, nap, naps));
            one_task(&run, "One that listens", unit, || pool.submit(count, true));
            println!("A thread that does not listen cannot be ended.");
        }
        Kind::Processes => {
            let pool = ProcessPool::builder(sleeps.workers).grace(unit).start()?;
            first_failure(&run, || pool.try_map(&NAP, naps));
            so_far(&run, naps, |naps| pool.map_until(Instant::now() + unit * 7 / 2, &NAP, naps));
            one_task(&run, "One that listens", unit, || pool.submit(&COUNT, true));
            one_task(&run, "One that does not listen", unit, || pool.submit(&COUNT, false));
        }
    }
    Ok(run.finish()?)
}
// ANCHOR_END: main

/// Cancelling: five sleeps of 1 to 5 units that end early, and a task that would count for ever.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    sleeps: step::Sleeps,
    /// What the workers are
    #[arg(long, default_value = "threads")]
    kind: Kind,
    #[command(flatten)]
    run: step::RunArgs,
}
