//! A pool by hand: a channel of inputs, a few threads that receive from it, a channel of results.
//!
//!     cargo run --example 03b_by_hand

use std::thread;
use std::time::Duration;

use clap::Parser;
use crossbeam::channel;
use hands::println;
use hands::timeline::span;
use step::Run;

fn main() -> anyhow::Result<()> {
    let Args { sleeps, run } = Args::parse();
    let run = Run::start("03b_by_hand", run);

    let times = [4, 3, 2, 1, 5].map(|units| sleeps.seconds * units);
    for done in pool_by_hand(sleeps.workers, &times) {
        println!("{done}");
    }
    Ok(run.finish()?)
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
        drop(inputs); // the queue ends once it is empty, and so do the workers
        drop(sender); // the results end when the last worker does
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
    #[command(flatten)]
    sleeps: step::Sleeps,
    #[command(flatten)]
    run: step::RunArgs,
}
