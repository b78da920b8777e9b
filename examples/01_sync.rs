//! One thing at a time: two tasks of one second each take two seconds. One waits, and one works.
//!
//!     cargo run --example 01_sync
//!     cargo run --example 01_sync -- --seconds 0.5

// ANCHOR: main
use std::hint::black_box;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use hands::println; // like std's, but quiet once its reader has left
use hands::timeline::{Timeline, span};

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let timeline = Timeline::start("01_sync");
    let start = Instant::now();

    do_something(args.seconds);
    compute(args.seconds);

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}

fn do_something(time: Duration) {
    let seconds = time.as_secs_f64();
    let _span = span(format!("sleep {seconds}"));
    println!("Sleeping {seconds} second(s)...");
    thread::sleep(time);
    println!("Done sleeping");
}

fn compute(time: Duration) {
    let seconds = time.as_secs_f64();
    let _span = span(format!("compute {seconds}"));
    println!("Computing {seconds} second(s)...");
    let start = Instant::now();
    let mut sum = 0.0;
    while start.elapsed() < time {
        sum += black_box(2.0_f64).sqrt(); // so that the compiler can't work it out beforehand
    }
    println!("Done computing");
    black_box(sum);
}
// ANCHOR_END: main

// ANCHOR: args
/// One thing at a time: a sleep, and then something to compute for as long.
#[derive(Parser)]
struct Args {
    /// How long each of the two takes, in seconds
    #[arg(long, value_name = "S", default_value = "1", allow_negative_numbers = true, value_parser = step::seconds)]
    seconds: Duration,
    /// Where the trace of the run goes [default: target/timelines/01_sync.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}
// ANCHOR_END: args
