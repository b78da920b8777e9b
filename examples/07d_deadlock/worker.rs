//! A worker has one of two bands. To tell its neighbour about a row, it needs both.

use std::sync::{Arc, Barrier};
use std::thread;

use hands::timeline::{Mutex, MutexGuard, span};
use heat::Band;

pub(crate) struct Worker {
    pub(crate) me: usize,
    pub(crate) bands: Arc<Vec<Mutex<Band>>>,
    pub(crate) barrier: Arc<Barrier>,
    pub(crate) cure: Cure,
}

// ANCHOR: work
impl Worker {
    pub(crate) fn run(&self, steps: usize) {
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
            drop((mine, other)); // this unlocks both
            self.barrier.wait();
        }
    }
}
// ANCHOR_END: work

// ANCHOR: lock
impl Worker {
    /// Locks my own band, to read from it, and the other, to write to it.
    fn lock_both(&self, is_bad_luck: bool) -> (Guard<'_>, Guard<'_>) {
        let (me, other) = (self.me, 1 - self.me);
        match self.cure {
            Cure::None => {
                let mine = self.lock(me); // my own first, and the other does the same
                if is_bad_luck {
                    self.barrier.wait(); // both hold one lock now: rare, so we make sure of it
                }
                (mine, self.lock(other))
            }
            // Both lock the upper band first: neither holds the lower one while it waits.
            Cure::Order => {
                let upper = self.lock(0);
                let lower = self.lock(1);
                if me == 0 { (upper, lower) } else { (lower, upper) }
            }
            Cure::BackOff => loop {
                let mine = self.lock(me);
                if let Ok(other) = self.bands[other].try_lock() {
                    break (mine, other);
                }
                drop(mine); // rather than hold it while we wait
                thread::yield_now();
            },
        }
    }

    fn lock(&self, n: usize) -> Guard<'_> {
        self.bands[n].lock().expect("nobody panics")
    }
}
// ANCHOR_END: lock

type Guard<'a> = MutexGuard<'a, Band>;

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Cure {
    /// Each worker locks its own band first, and then the other
    None,
    /// Both workers lock the upper band first
    Order,
    /// A worker that can't have its second lock gives back the first
    BackOff,
}
