//! A pool: four workers share five sleeps, and hand back the results in three ways. The workers are
//! threads, or processes.
//!
//!     cargo run --example 03_pool
//!     cargo run --example 03_pool -- --kind processes
//!     cargo run --example 03_pool -- --workers 2 --seconds 0.2

use std::thread;
use std::time::Duration;

use clap::Parser;
use hands::pool::{ProcessPool, ThreadPool};
use hands::println;
use hands::process::{self, Task};
use hands::timeline::span;
use step::{Kind, Run};

// ANCHOR: main
// ANCHOR: task_const
const DO_SOMETHING: Task<Duration, String> = Task::new("do_something", do_something);
// ANCHOR_END: task_const

fn main() -> anyhow::Result<()> {
    process::init(&[&DO_SOMETHING]);
    let Args { sleeps, kind, run } = Args::parse();
    let run = Run::start("03_pool", run);

    let times = [4, 3, 2, 1, 5].map(|units| sleeps.seconds * units);
    match kind {
        Kind::Threads => threads(sleeps.workers, times, &run)?,
        Kind::Processes => processes(sleeps.workers, times, &run)?,
    }
    Ok(run.finish()?)
}
// ANCHOR_END: main

// ANCHOR: threads
// ANCHOR: three_ways
fn threads(workers: usize, sleeps: [Duration; 5], run: &Run) -> anyhow::Result<()> {
    let pool = ThreadPool::new(workers)?;

    begin(run, "map", "all results at the end, in the order of the inputs");
    for done in pool.map(do_something, sleeps)? {
        println!("{done}");
    }
    begin(run, "imap", "each result as soon as its turn has come");
    for done in pool.imap(do_something, sleeps) {
        println!("{}", done?);
    }
    begin(run, "imap_unordered", "each result as soon as it is there");
    for done in pool.imap_unordered(do_something, sleeps) {
        println!("{}", done?);
    }
    // ANCHOR_END: three_ways
    // ANCHOR: chunks
    begin(run, "imap in chunks of 2", "a chunk comes back as a whole");
    for done in pool.chunk_size(2).imap(do_something, sleeps) {
        println!("{}", done?);
    }
    // ANCHOR_END: chunks
    Ok(())
}
// ANCHOR_END: threads

// ANCHOR: processes
fn processes(workers: usize, sleeps: [Duration; 5], run: &Run) -> anyhow::Result<()> {
    let pool = ProcessPool::new(workers)?;

    begin(run, "map", "all results at the end, in the order of the inputs");
    for done in pool.map(&DO_SOMETHING, sleeps)? {
        println!("{done}");
    }
    begin(run, "imap", "each result as soon as its turn has come");
    for done in pool.imap(&DO_SOMETHING, sleeps) {
        println!("{}", done?);
    }
    begin(run, "imap_unordered", "each result as soon as it is there");
    for done in pool.imap_unordered(&DO_SOMETHING, sleeps) {
        println!("{}", done?);
    }
    begin(run, "imap in chunks of 2", "a chunk comes back as a whole");
    for done in pool.chunk_size(2).imap(&DO_SOMETHING, sleeps) {
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

fn begin(run: &Run, way: &str, meaning: &str) {
    println!("{way}: {meaning}");
    run.section(way);
}

/// A pool: four workers share five sleeps of 4, 3, 2, 1 and 5 units.
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
