//! Threads: the same as 02_process in one process, where memory is shared.
//!
//!     cargo run --example 02b_threads
//!     cargo run --example 02b_threads -- --seconds 0.2

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use clap::Parser;
use hands::println;
use hands::timeline::{Timeline, span};
use humantime::format_rfc3339_millis as utc;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let timeline = Timeline::start("02b_threads");
    let start = Instant::now();

    timeline.section("one");
    one(args.seconds);
    timeline.section("ten");
    ten(args.seconds.mul_f64(1.5));
    timeline.section("a lazy chain");
    lazy_chain(args.seconds.mul_f64(0.5));

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}

// ANCHOR: one
fn one(time: Duration) {
    let handle = thread::spawn(move || {
        println!("Hello from thread: {}", utc(SystemTime::now()));
        do_something(time);
        6 * 7
    });
    println!("Hello from main thread: {}", utc(SystemTime::now()));
    let answer = handle.join().expect("the thread did not panic");
    println!("Thread complete. It brought back {answer}");
}
// ANCHOR_END: one

// ANCHOR: ten
fn ten(time: Duration) {
    let counter = Arc::new(AtomicU32::new(0));
    let mut handles = Vec::new();
    for _ in 0..10 {
        let counter = Arc::clone(&counter);
        handles.push(thread::spawn(move || {
            do_something(time);
            counter.fetch_add(1, Ordering::Relaxed);
        }));
    }
    for handle in handles {
        handle.join().expect("the thread did not panic");
    }
    println!("Ten threads have counted to {}", counter.load(Ordering::Relaxed));
}
// ANCHOR_END: ten

// ANCHOR: lazy
/// Looks concurrent, and is not: an iterator does nothing until it is asked for the next item. So
/// the first thread is joined before the second is spawned.
fn lazy_chain(time: Duration) {
    (0..3)
        .map(|_| thread::spawn(move || do_something(time)))
        .map(|handle| handle.join().expect("the thread did not panic"))
        .for_each(drop);
}
// ANCHOR_END: lazy

fn do_something(time: Duration) {
    let seconds = time.as_secs_f64();
    let _span = span(format!("sleep {seconds}"));
    println!("Sleeping {seconds} second(s)...");
    thread::sleep(time);
    println!("Done sleeping");
}

/// Threads: one, ten, and three that look concurrent and are not.
#[derive(Parser)]
struct Args {
    /// The unit of sleep, in seconds: the first thread sleeps one, the ten one and a half
    #[arg(long, value_name = "S", default_value = "1", allow_negative_numbers = true, value_parser = step::seconds)]
    seconds: Duration,
    /// Where the trace of the run goes [default: target/timelines/02b_threads.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}
