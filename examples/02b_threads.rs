//! Threads: the same as 02_process in one process, where memory is shared.
//!
//!     cargo run --example 02b_threads
//!     cargo run --example 02b_threads -- --seconds 0.2

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use clap::Parser;
use hands::println;
use humantime::format_rfc3339_millis as utc;
use step::{Run, do_something};

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let run = Run::start("02b_threads", args.run);

    run.section("one");
    one(args.seconds);
    run.section("ten");
    ten(args.seconds.mul_f64(1.5));
    run.section("a lazy chain");
    lazy_chain(args.seconds.mul_f64(0.5));

    Ok(run.finish()?)
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
/// Looks concurrent, and isn't: an iterator does nothing until it is asked for its next item. So
/// the first thread is joined before the second is spawned.
fn lazy_chain(time: Duration) {
    (0..3)
        .map(|_| thread::spawn(move || do_something(time)))
        .map(|handle| handle.join().expect("the thread did not panic"))
        .for_each(drop);
}
// ANCHOR_END: lazy

/// Threads: one, ten, and three that look concurrent but aren't.
#[derive(Parser)]
struct Args {
    /// The unit of sleep, in seconds: the first thread sleeps one, the ten one and a half
    #[arg(long, value_name = "S", default_value = "1", allow_negative_numbers = true, value_parser = step::seconds)]
    seconds: Duration,
    #[command(flatten)]
    run: step::RunArgs,
}
