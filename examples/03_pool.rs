//! A pool: four workers share five sleeps, and hand back the results in three ways. The workers are
//! threads, or processes.
//!
//!     cargo run --example 03_pool
//!     cargo run --example 03_pool -- --kind processes
//!     cargo run --example 03_pool -- --workers 2 --seconds 0.2

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use hands::pool::{ProcessPool, ThreadPool};
use hands::println;
use hands::process::{self, Task};
use hands::timeline::{Timeline, span};

// ANCHOR: main
// ANCHOR: task_const
const DO_SOMETHING: Task<Duration, String> = Task::new("do_something", do_something);
// ANCHOR_END: task_const

fn main() -> anyhow::Result<()> {
    process::init(&[&DO_SOMETHING]);
    let args = Args::parse();
    let timeline = Timeline::start("03_pool");
    let start = Instant::now();

    let sleeps = [4, 3, 2, 1, 5].map(|units| args.seconds * units);
    match args.kind {
        Kind::Threads => threads(args.workers, sleeps, &timeline)?,
        Kind::Processes => processes(args.workers, sleeps, &timeline)?,
    }

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: threads
// ANCHOR: three_ways
fn threads(workers: usize, sleeps: [Duration; 5], timeline: &Timeline) -> anyhow::Result<()> {
    let pool = ThreadPool::new(workers)?;

    begin(timeline, "map", "all results at the end, in the order of the inputs");
    for done in pool.map(do_something, sleeps)? {
        println!("{done}");
    }
    begin(timeline, "imap", "each result as soon as its turn has come");
    for done in pool.imap(do_something, sleeps) {
        println!("{}", done?);
    }
    begin(timeline, "imap_unordered", "each result as soon as it is there");
    for done in pool.imap_unordered(do_something, sleeps) {
        println!("{}", done?);
    }
    // ANCHOR_END: three_ways
    // ANCHOR: chunks
    begin(timeline, "imap in chunks of 2", "a chunk comes back as a whole");
    let pool = pool.chunk_size(2);
    for done in pool.imap(do_something, sleeps) {
        println!("{}", done?);
    }
    // ANCHOR_END: chunks
    Ok(())
}
// ANCHOR_END: threads

// ANCHOR: processes
fn processes(workers: usize, sleeps: [Duration; 5], timeline: &Timeline) -> anyhow::Result<()> {
    let pool = ProcessPool::new(workers)?;

    begin(timeline, "map", "all results at the end, in the order of the inputs");
    for done in pool.map(&DO_SOMETHING, sleeps)? {
        println!("{done}");
    }
    begin(timeline, "imap", "each result as soon as its turn has come");
    for done in pool.imap(&DO_SOMETHING, sleeps) {
        println!("{}", done?);
    }
    begin(timeline, "imap_unordered", "each result as soon as it is there");
    for done in pool.imap_unordered(&DO_SOMETHING, sleeps) {
        println!("{}", done?);
    }
    begin(timeline, "imap in chunks of 2", "a chunk comes back as a whole");
    let pool = pool.chunk_size(2);
    for done in pool.imap(&DO_SOMETHING, sleeps) {
        println!("{}", done?);
    }
    Ok(())
}
// ANCHOR_END: processes

// ANCHOR: task
fn do_something(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let _span = span(format!("sleep {seconds}"));
    println!("Sleeping {seconds} second(s)...");
    thread::sleep(time);
    format!("Done sleeping {seconds} second(s)")
}
// ANCHOR_END: task

fn begin(timeline: &Timeline, way: &str, meaning: &str) {
    println!("{way}: {meaning}");
    timeline.section(way);
}

/// A pool: four workers share five sleeps of 4, 3, 2, 1 and 5 units.
#[derive(Parser)]
struct Args {
    /// The unit of sleep, in seconds
    #[arg(long, value_name = "S", default_value = "0.5", allow_negative_numbers = true, value_parser = step::seconds)]
    seconds: Duration,
    /// How many workers the pool has
    #[arg(long, value_name = "N", default_value = "4", value_parser = step::workers)]
    workers: usize,
    /// What the workers are
    #[arg(long, value_enum, default_value = "threads")]
    kind: Kind,
    /// Where the trace of the run goes [default: target/timelines/03_pool.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Threads,
    Processes,
}
