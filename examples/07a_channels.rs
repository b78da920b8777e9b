//! Channels: workers that need each other's results send them.
//!
//!     cargo run --example 07a_channels
//!     cargo run --release --example 07a_channels -- --size 3000

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use crossbeam::channel::{self, Receiver, Sender};
use crossbeam::select;
use hands::println;
use hands::timeline::{Timeline, span};
use heat::{self, Band};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let expected = heat::one_by_one(args.size, args.steps);
    println!("one by one: checksum {expected:016x}");
    let timeline = Timeline::start("07a_channels");
    let start = Instant::now();

    timeline.section("a full queue");
    full_queue();
    timeline.section("heat");
    let cells = in_bands(&args)?;
    timeline.end_section();
    heat::check("channels", &cells, expected)?;

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: full
/// A fast sender, a slow receiver, room for two between them, and a sender that is left over.
fn full_queue() {
    let (sender, receiver) = channel::bounded(2);
    let mut forgotten = Some(sender.clone());
    thread::spawn(move || {
        for n in 1..=6 {
            let _span = span(format!("send {n}"));
            sender.send(n).expect("it is being received"); // waits while the queue is full
        }
    });
    loop {
        select! { // whichever comes first
            recv(receiver) -> n => match n {
                Ok(n) => {
                    let _span = span(format!("use {n}"));
                    thread::sleep(Duration::from_millis(50));
                }
                Err(_) => break println!("closed: all senders are gone"),
            },
            default(Duration::from_millis(100)) => {
                println!("empty, but a sender is left over: I would wait for ever");
                drop(forgotten.take());
            }
        }
    }
}
// ANCHOR_END: full

// ANCHOR: bands
fn in_bands(args: &Args) -> anyhow::Result<Vec<f64>> {
    let bands = heat::cut(args.size, args.workers);
    let last = bands.len() - 1;
    thread::scope(|s| {
        let mut workers = Vec::new();
        let mut above = None; // beyond the first band there is nobody
        for (n, band) in bands.into_iter().enumerate() {
            let (below, next_above) = if n < last { pair() } else { (None, None) };
            let work = move || work(band, above, below, args.steps);
            let thread = thread::Builder::new().name(format!("band {}", n + 1));
            workers.push(thread.spawn_scoped(s, work)?);
            above = next_above;
        }
        let bands = workers.into_iter().map(|worker| worker.join().expect("no worker panics"));
        Ok(heat::join(&bands.collect::<anyhow::Result<Vec<_>>>()?))
    })
}

/// A border as one side sees it: a channel to the worker beyond it, and one from there.
struct Neighbour {
    tell: Sender<Vec<f64>>,
    hear: Receiver<Vec<f64>>,
}

fn pair() -> (Option<Neighbour>, Option<Neighbour>) {
    let (down, from_above) = channel::bounded(1);
    let (up, from_below) = channel::bounded(1);
    let upper = Neighbour { tell: down, hear: from_below };
    let lower = Neighbour { tell: up, hear: from_above };
    (Some(upper), Some(lower))
}
// ANCHOR_END: bands

// ANCHOR: work
fn work(
    mut band: Band,
    above: Option<Neighbour>,
    below: Option<Neighbour>,
    steps: usize,
) -> anyhow::Result<Band> {
    for step in 1..=steps {
        let computing = span(format!("step {step}"));
        band.advance();
        drop(computing);
        // All tell first, and then they hear: nobody waits for somebody who waits.
        if let Some(above) = &above {
            above.tell.send(band.first_row().to_vec())?;
        }
        if let Some(below) = &below {
            below.tell.send(band.last_row().to_vec())?;
        }
        if let Some(above) = &above {
            band.above = above.hear.recv()?;
        }
        if let Some(below) = &below {
            band.below = below.hear.recv()?;
        }
    }
    Ok(band)
}
// ANCHOR_END: work

/// Channels: a queue that is full and then closed, and a hot plate in bands that exchange their borders.
#[derive(Parser)]
struct Args {
    /// How many bands the plate is cut into, each with a worker of its own
    #[arg(long, value_name = "N", default_value_t = one_per_core(), value_parser = step::workers)]
    workers: usize,
    /// How many rows and columns the plate has
    #[arg(long, value_name = "N", default_value = "1000", value_parser = heat::size)]
    size: usize,
    /// How many steps to compute
    #[arg(long, value_name = "N", default_value = "20")]
    steps: usize,
    /// Where the trace of the run goes [default: target/timelines/07a_channels.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}

fn one_per_core() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
