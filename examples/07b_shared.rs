//! Shared state: counts that get lost, a lock that is poisoned, and a plate that all workers see.
//!
//!     cargo run --example 07b_shared
//!     cargo run --release --example 07b_shared -- --size 3000

use std::io;
use std::iter::once;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Barrier, Mutex, RwLock};
use std::thread;
use std::time::Instant;

use clap::Parser;
use hands::pool::ThreadPool;
use hands::println;
use hands::timeline::{Timeline, span};
use heat;

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let expected = heat::one_by_one(args.size, args.steps);
    println!("one by one: checksum {expected:016x}");
    let timeline = Timeline::start("07b_shared");
    let start = Instant::now();

    timeline.section("count");
    count(args.workers)?;
    timeline.end_section();
    poisoned();

    timeline.section("heat");
    let cells = in_bands(&args)?;
    timeline.end_section();
    heat::check("shared state", &cells, expected)?;

    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    timeline.finish(args.timeline)?;
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: count
const EACH: u64 = 100_000;

/// All workers add 1 to a number, again and again, in three ways.
fn count(workers: usize) -> io::Result<()> {
    let lost = |counted| 100.0 - counted as f64 / (workers as u64 * EACH) as f64 * 100.0;

    let number = AtomicU64::new(0);
    together(workers, "read, then write", || {
        let seen = number.load(Relaxed);
        thread::yield_now(); // somebody else's turn: it could come any time, so here we see to it
        number.store(seen + 1, Relaxed); // what others have added since then is lost
    })?;
    println!("read, then write: {:.1} % lost", lost(number.into_inner()));

    let number = AtomicU64::new(0);
    together(workers, "fetch_add", || {
        number.fetch_add(1, Relaxed);
    })?;
    println!("fetch_add: {:.1} % lost", lost(number.into_inner()));

    let number = Mutex::new(0);
    together(workers, "Mutex", || {
        let mut guard = number.lock().expect("nobody panics"); // waits until nobody has it
        *guard += 1;
    })?; // the guard is dropped with each call, and that unlocks
    println!("Mutex: {:.1} % lost", lost(number.into_inner().expect("nobody panics")));
    Ok(())
}

fn together(workers: usize, name: &'static str, add: impl Fn() + Sync) -> io::Result<()> {
    thread::scope(|s| {
        for _ in 0..workers {
            thread::Builder::new().spawn_scoped(s, || {
                let _span = span(name);
                (0..EACH).for_each(|_| add());
            })?;
        }
        Ok(())
    })
}
// ANCHOR_END: count

// ANCHOR: poisoned
/// A thread panics while it has a lock. What it was changing may be half done.
fn poisoned() {
    let row = Arc::new(Mutex::new([20, 20, 20, 20]));
    let shared = Arc::clone(&row);
    let worker = thread::spawn(move || {
        let mut row = shared.lock().expect("nobody has panicked yet");
        row[0..2].fill(100);
        panic!("in the middle of the row");
    });
    worker.join().expect_err("it panics");
    match row.lock() {
        Ok(row) => println!("the row is {row:?}"),
        Err(poisoned) => println!("poisoned, and half done: {:?}", poisoned.into_inner()),
    }
}
// ANCHOR_END: poisoned

// ANCHOR: bands
fn in_bands(args: &Args) -> anyhow::Result<Vec<f64>> {
    let (size, plate) = (args.size, heat::plate(args.size));
    let bands = heat::bands(size, args.workers);
    let workers = bands.len();
    // The plate twice, as it is and as it will be, each in bands. The rim is the first and the last.
    let rim = |y| once(y..y + 1);
    let cut = || -> Vec<RwLock<Vec<f64>>> {
        let bands = rim(0).chain(bands.clone()).chain(rim(size - 1));
        bands.map(|y| RwLock::new(plate[y.start * size..y.end * size].to_vec())).collect()
    };
    let plates = [cut(), cut()];
    let all_done = Barrier::new(workers);
    let work = |n: usize| {
        for step in 0..args.steps {
            let (now, next) = (&plates[step % 2], &plates[(step + 1) % 2]);
            let computing = span(format!("step {}", step + 1));
            let [above, rows, below] =
                [n - 1, n, n + 1].map(|n| now[n].read().expect("nobody panics"));
            let mut next = next[n].write().expect("nobody panics");
            heat::advance(&above[above.len() - size..], &rows, &below[..size], &mut next);
            drop((above, rows, below, next)); // the guards: all four are unlocked
            drop(computing);
            all_done.wait(); // nobody begins the next step before all have done this one
        }
    };
    thread::scope(|s| {
        // As many workers as bands: a barrier waits for all of them.
        ThreadPool::scoped(s, workers)?.map(work, 1..=workers)?;
        anyhow::Ok(())
    })?;
    let [even, odd] = plates;
    let last = if args.steps.is_multiple_of(2) { even } else { odd };
    Ok(last.into_iter().flat_map(|band| band.into_inner().expect("nobody panics")).collect())
}
// ANCHOR_END: bands

/// Shared state: lost counts, a poisoned lock, and a hot plate that all workers see.
#[derive(Parser)]
struct Args {
    /// How many threads count, and how many bands the plate is cut into, each with a worker of its own
    #[arg(long, value_name = "N", default_value_t = one_per_core(), value_parser = step::workers)]
    workers: usize,
    /// How many rows and columns the plate has
    #[arg(long, value_name = "N", default_value = "1000", value_parser = heat::size)]
    size: usize,
    /// How many steps to compute
    #[arg(long, value_name = "N", default_value = "20")]
    steps: usize,
    /// Where the trace of the run goes [default: target/timelines/07b_shared.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}

fn one_per_core() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
