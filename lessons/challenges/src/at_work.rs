//! How many are working at the same time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::judge::sign_of_life;

/// Counts how many are working: now, at most so far, and in all.
#[derive(Debug, Default)]
pub struct AtWork(Mutex<Counts>);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    now: usize,
    most: usize,
    all: usize,
}

/// One of those who are working, until this is dropped.
#[derive(Debug)]
#[must_use = "the work ends when this is dropped"]
pub struct Working<'a>(&'a AtWork);

impl AtWork {
    /// Nobody is working yet.
    pub const fn new() -> Self {
        AtWork(Mutex::new(Counts { now: 0, most: 0, all: 0 }))
    }

    /// One more begins to work, until the value is dropped.
    pub fn begin(&self) -> Working<'_> {
        sign_of_life();
        let mut counts = self.counts();
        counts.now += 1;
        counts.all += 1;
        counts.most = counts.most.max(counts.now);
        Working(self)
    }

    /// How many are working now.
    pub fn now(&self) -> usize {
        self.counts().now
    }

    /// The most that were ever working at the same time.
    pub fn most(&self) -> usize {
        self.counts().most
    }

    /// How many have begun so far.
    pub fn all(&self) -> usize {
        self.counts().all
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.counts().now -= 1;
    }
}
