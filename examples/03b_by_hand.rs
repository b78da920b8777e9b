//! A pool by hand: a channel of inputs, a few threads that receive from it, a channel of results.
//!
//!     cargo run --example 03b_by_hand

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use crossbeam::channel;
use hands::println;
use hands::timeline::{Timeline, span};

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let timeline = Timeline::start("03b_by_hand");
    let start = Instant::now();

    let sleeps = [4, 3, 2, 1, 5].map(|units| args.seconds * units);
    for done in pool_by_hand(args.workers, &sleeps) {
        println!("{done}");
    }

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}

// ANCHOR: pool
fn pool_by_hand(workers: usize, sleeps: &[Duration]) -> Vec<String> {
    let (inputs, queue) = channel::unbounded();
    let (sender, results) = channel::unbounded();

    thread::scope(|s| {
        for _ in 0..workers {
            let (queue, sender) = (queue.clone(), sender.clone());
            s.spawn(move || {
                for time in queue {
                    sender.send(do_something(time)).expect("the results are being read");
                }
            });
        }
        for &time in sleeps {
            inputs.send(time).expect("the workers hold the other end");
        }
        drop(inputs); // the queue ends when it is empty, and the workers with it
        drop(sender); // the results end with the last worker
        results.iter().collect()
    })
}
// ANCHOR_END: pool

fn do_something(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let _span = span(format!("sleep {seconds}"));
    println!("Sleeping {seconds} second(s)...");
    thread::sleep(time);
    format!("Done sleeping {seconds} second(s)")
}

/// A pool by hand: two channels and a few threads.
#[derive(Parser)]
struct Args {
    /// The unit of sleep, in seconds
    #[arg(long, value_name = "S", default_value = "0.5", allow_negative_numbers = true, value_parser = step::seconds)]
    seconds: Duration,
    /// How many workers the pool has
    #[arg(long, value_name = "N", default_value = "4", value_parser = step::workers)]
    workers: usize,
    /// Where the trace of the run goes [default: target/timelines/03b_by_hand.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}
