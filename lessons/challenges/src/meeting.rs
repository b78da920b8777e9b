//! A place to meet: each waits there until all have come.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::judge::sign_of_life;
use crate::wait::{LAP, Patience};

/// A barrier that gives up. Only threads that run at the same time can meet. If the others don't
/// come within [`PATIENCE`](crate::PATIENCE), the meeting is off, and nobody waits any more.
#[derive(Debug)]
pub struct Meeting {
    size: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    waiting: usize,
    most: usize,
    meetings: usize,
    given_up: bool,
}

impl Meeting {
    /// A meeting for this many.
    pub const fn for_all(size: usize) -> Self {
        let state = State { waiting: 0, most: 0, meetings: 0, given_up: false };
        Meeting { size, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Waits until all have come, and says whether they have. If nobody comes for a while, the
    /// meeting is given up.
    pub fn attend(&self) -> bool {
        sign_of_life();
        let mut state = self.state();
        state.waiting += 1;
        state.most = state.most.max(state.waiting);
        if state.waiting == self.size {
            state.waiting = 0;
            state.meetings += 1;
            self.changed.notify_all();
            return true;
        }
        let meeting = state.meetings;
        let mut patience = Patience::default();
        loop {
            if state.meetings > meeting {
                return true;
            }
            if state.given_up {
                state.waiting -= 1;
                return false;
            }
            let were_waiting = state.waiting;
            let (now, timed_out) =
                self.changed.wait_timeout(state, LAP).unwrap_or_else(PoisonError::into_inner);
            state = now;
            if !timed_out.timed_out() || state.waiting > were_waiting {
                patience = Patience::default(); // somebody came
            } else if state.meetings == meeting && patience.is_over() {
                state.given_up = true;
                self.changed.notify_all();
            }
        }
    }

    /// The most that were ever there at the same time.
    pub fn most(&self) -> usize {
        self.state().most
    }

    /// How many times all have met.
    pub fn meetings(&self) -> usize {
        self.state().meetings
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
