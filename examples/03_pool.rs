//! A pool: four workers share five sleeps, and hand back the results in three ways.
//!
//!     cargo run --example 03_pool
//!     cargo run --example 03_pool -- --workers 2 --seconds 0.2

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use lessons::pool::ThreadPool;
use lessons::timeline::{Timeline, span};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let timeline = Timeline::start("03_pool");
    let start = Instant::now();

    let sleeps = [4, 3, 2, 1, 5].map(|units| args.seconds * units);
    let pool = ThreadPool::new(args.workers)?;

    println!("map: all results at the end, in the order of the inputs");
    timeline.section("map");
    for done in pool.map(do_something, sleeps)? {
        println!("{done}");
    }

    println!("imap: each result as soon as its turn has come");
    timeline.section("imap");
    for done in pool.imap(do_something, sleeps) {
        println!("{}", done?);
    }

    println!("imap_unordered: each result as soon as it is there");
    timeline.section("imap_unordered");
    for done in pool.imap_unordered(do_something, sleeps) {
        println!("{}", done?);
    }
    // ANCHOR_END: main

    // ANCHOR: chunks
    println!("imap in chunks of 2: a chunk comes back as a whole");
    timeline.section("imap, chunks of 2");
    let pool = pool.chunk_size(2);
    for done in pool.imap(do_something, sleeps) {
        println!("{}", done?);
    }
    // ANCHOR_END: chunks

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}

// ANCHOR: task
fn do_something(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let _span = span(format!("sleep {seconds}"));
    println!("Sleeping {seconds} second(s)...");
    thread::sleep(time);
    format!("Done sleeping {seconds} second(s)")
}
// ANCHOR_END: task

/// A pool: four workers share five sleeps of 4, 3, 2, 1 and 5 units.
#[derive(Parser)]
struct Args {
    /// The unit of sleep, in seconds
    #[arg(long, value_name = "S", default_value = "0.5", allow_negative_numbers = true, value_parser = lessons::args::seconds)]
    seconds: Duration,
    /// How many workers the pool has
    #[arg(long, value_name = "N", default_value = "4", value_parser = lessons::args::workers)]
    workers: usize,
    /// Where the trace of the run goes [default: target/timelines/03_pool.json]
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
}
