//! One after the other, in an order that the check chooses.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::judge::sign_of_life;
use crate::wait::wait_while;

/// Counts turns and lets each wait for its own, so that a check can decide which task ends first.
///
/// If a turn doesn't come within [`PATIENCE`](crate::PATIENCE), whoever waits for it gives up, and
/// from then on nobody waits any more.
#[derive(Debug, Default)]
pub struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    over: usize,
    given_up: bool,
}

impl Turns {
    /// No turn is over yet.
    pub const fn new() -> Self {
        let state = State { over: 0, given_up: false };
        Turns { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Waits until this many turns are over, and says whether they are.
    pub fn wait_for(&self, turns: usize) -> bool {
        sign_of_life();
        let waits = |state: &mut State| state.over < turns && !state.given_up;
        let mut state = wait_while(&self.changed, self.state(), waits);
        if state.over < turns && !state.given_up {
            state.given_up = true;
            self.changed.notify_all();
        }
        state.over >= turns
    }

    /// Ends a turn.
    pub fn end_turn(&self) {
        sign_of_life();
        self.state().over += 1;
        self.changed.notify_all();
    }

    /// How many turns are over.
    pub fn over(&self) -> usize {
        self.state().over
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
