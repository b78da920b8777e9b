//! One after the other, in an order that the check chooses.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::judge::sign_of_life;
use crate::wait::wait_while;

/// Counts turns and lets each wait for its own, so that a check can decide which task ends first.
#[derive(Debug, Default)]
pub struct Turns {
    over: Mutex<usize>,
    changed: Condvar,
}

impl Turns {
    /// No turn is over yet.
    pub const fn new() -> Self {
        Turns { over: Mutex::new(0), changed: Condvar::new() }
    }

    /// Waits until this many turns are over, and says whether they are. Gives up after
    /// [`PATIENCE`](crate::PATIENCE).
    pub fn wait_for(&self, turns: usize) -> bool {
        sign_of_life();
        let over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        *wait_while(&self.changed, over, |over| *over < turns) >= turns
    }

    /// Ends a turn.
    pub fn end_turn(&self) {
        sign_of_life();
        *self.over.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    /// How many turns are over.
    pub fn over(&self) -> usize {
        *self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
