//! A deadlock: each of two workers has the lock that the other waits for. And two cures.
//!
//!     cargo run --example 07d_deadlock
//!     cargo run --example 07d_deadlock -- --cure order
//!     cargo run --example 07d_deadlock -- --cure back-off

use std::path::PathBuf;
use std::sync::{Arc, Barrier, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use clap::{Parser, ValueEnum};
use crossbeam::channel::{self, Receiver, RecvTimeoutError, Sender};
use hands::println;
use hands::timeline::{Timeline, span};
use heat::{self, Band};

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    ensure!(args.size > 3, "two bands need a plate of 4 rows or more");
    let expected = heat::one_by_one(args.size, args.steps);
    println!("one by one: checksum {expected:016x}");
    let timeline = Timeline::start("07d_deadlock");
    let start = Instant::now();

    let bands = Arc::new(heat::cut(args.size, 2).into_iter().map(Mutex::new).collect::<Vec<_>>());
    let barrier = Arc::new(Barrier::new(2));
    let (says, said) = channel::unbounded();
    for me in [0, 1] {
        let (bands, barrier) = (Arc::clone(&bands), Arc::clone(&barrier));
        let worker = Worker { me, bands, barrier, cure: args.cure, says: says.clone() };
        let thread = thread::Builder::new().name(format!("worker {}", me + 1));
        thread.spawn(move || worker.run(args.steps))?;
    }
    drop(says);
    let watched = watch(&said, args.patience);

    if watched.is_ok() {
        let bands: Vec<_> = bands.iter().map(|band| band.lock().expect("nobody panics")).collect();
        heat::check("two locks", &heat::join(bands.iter().map(|band| &**band)), expected)?;
        println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    }
    timeline.finish(args.timeline)?;
    watched // when main returns its threads end, also those that would wait for ever
}
// ANCHOR_END: main

struct Worker {
    me: usize,
    bands: Arc<Vec<Mutex<Band>>>,
    barrier: Arc<Barrier>,
    cure: Cure,
    says: Sender<(usize, &'static str)>,
}

// ANCHOR: work
impl Worker {
    fn run(&self, steps: usize) {
        for step in 1..=steps {
            let computing = span(format!("step {step}"));
            self.lock(self.me).advance();
            drop(computing);
            self.barrier.wait();

            let (mine, mut other) = self.lock_both(step == steps.div_ceil(2));
            match self.me {
                0 => other.above = mine.last_row().to_vec(),
                _ => other.below = mine.first_row().to_vec(),
            }
            drop((mine, other)); // both are unlocked
            self.barrier.wait();
        }
    }
}
// ANCHOR_END: work

// ANCHOR: lock
impl Worker {
    /// Locks my own band, to read from it, and the other's, to write to it.
    fn lock_both(&self, is_bad_luck: bool) -> (Guard<'_>, Guard<'_>) {
        let (me, other) = (self.me, 1 - self.me);
        match self.cure {
            Cure::None => {
                let mine = self.lock(me); // my own first; and the other does the same
                if is_bad_luck {
                    self.barrier.wait(); // both have one now. That is rare, so here we see to it
                }
                (mine, self.lock(other))
            }
            // The upper band first, whoever asks: nobody holds the lower one and waits for the upper.
            Cure::Order if me == 0 => (self.lock(0), self.lock(1)),
            Cure::Order => {
                let upper = self.lock(0);
                (self.lock(1), upper)
            }
            Cure::BackOff => loop {
                let mine = self.lock(me);
                if let Ok(other) = self.bands[other].try_lock() {
                    break (mine, other);
                }
                drop(mine); // rather than hold it and wait
                thread::yield_now();
            },
        }
    }
}
// ANCHOR_END: lock

// ANCHOR: watch
const WAITS: [&str; 2] = ["waits for the upper band", "waits for the lower band"];

impl Worker {
    fn lock(&self, n: usize) -> Guard<'_> {
        let _ = self.says.send((self.me, WAITS[n])); // it is no matter if nobody listens
        let guard = self.bands[n].lock().expect("nobody panics");
        let _ = self.says.send((self.me, "goes on"));
        guard
    }
}

type Guard<'a> = MutexGuard<'a, Band>;

/// Listens to the workers. When nobody has said anything for a while, tells what each said last.
fn watch(said: &Receiver<(usize, &'static str)>, patience: Duration) -> anyhow::Result<()> {
    let mut last = ["has not begun"; 2];
    loop {
        match said.recv_timeout(patience) {
            Ok((worker, what)) => last[worker] = what,
            Err(RecvTimeoutError::Disconnected) => return Ok(()), // both have ended
            Err(RecvTimeoutError::Timeout) => break,
        }
    }
    println!("Nobody has moved for {} second(s):", patience.as_secs_f64());
    println!("worker 1 has the upper band, and {}", last[0]);
    println!("worker 2 has the lower band, and {}", last[1]);
    bail!("a deadlock")
}
// ANCHOR_END: watch

/// A deadlock between the two halves of a hot plate, and two cures.
#[derive(Parser)]
struct Args {
    /// What to do about it
    #[arg(long, value_enum, default_value = "none")]
    cure: Cure,
    /// After how many seconds without a word the program takes it for a deadlock
    #[arg(long, value_name = "S", default_value = "1", allow_negative_numbers = true, value_parser = step::seconds)]
    patience: Duration,
    /// How many rows and columns the plate has
    #[arg(long, value_name = "N", default_value = "1000", value_parser = heat::size)]
    size: usize,
    /// How many steps to compute
    #[arg(long, value_name = "N", default_value = "20")]
    steps: usize,
    /// Where the trace of the run goes [default: target/timelines/07d_deadlock.json]
    #[arg(long, value_name = "FILE", value_parser = step::timeline())]
    timeline: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Cure {
    /// Each worker locks its own band first, and then the other
    None,
    /// Both workers lock the upper band first
    Order,
    /// Who cannot have the second lock gives back the first
    BackOff,
}
