//! Inputs without end, and the account of how far ahead they are read.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::judge::sign_of_life;
use crate::verdict::{Judged, require};
use crate::wait::PATIENCE;

/// The inputs 0, 1, 2 and so on, without end. Each that is read is entered into a [`Ledger`]; when one is
/// read too early, they end.
#[derive(Debug)]
pub struct Source {
    next: usize,
    ledger: Arc<Ledger>,
}

/// How many inputs were read, how many results were taken, and whether inputs were ever read too early:
/// more of them than were taken, and a window.
#[derive(Debug)]
pub struct Ledger {
    window: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    read: usize,
    taken: usize,
    /// How many were read when it was too many, and how many were taken then.
    too_early: Option<(usize, usize)>,
    closed: bool,
}

impl Ledger {
    /// Nothing is read, nothing is taken. At most `window` inputs may be read ahead.
    pub fn new(window: usize) -> Arc<Self> {
        Arc::new(Ledger { window, state: Mutex::default(), changed: Condvar::new() })
    }

    /// The inputs.
    pub fn source(self: &Arc<Self>) -> Source {
        Source { next: 0, ledger: Arc::clone(self) }
    }

    /// A result has been taken.
    pub fn take(&self) {
        sign_of_life();
        self.state().taken += 1;
    }

    /// How many inputs were read so far.
    pub fn read(&self) -> usize {
        self.state().read
    }

    /// No more results will be taken: nobody waits any more.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Waits until so many inputs are read, and says whether they were. Gives up after [`PATIENCE`].
    pub fn wait_for_read(&self, inputs: usize) -> bool {
        let is_waiting =
            |state: &mut State| state.read < inputs && state.too_early.is_none() && !state.closed;
        let waited = self.changed.wait_timeout_while(self.state(), PATIENCE, is_waiting);
        waited.unwrap_or_else(PoisonError::into_inner).0.read >= inputs
    }

    /// Refuses inputs that were read too early.
    ///
    /// # Errors
    ///
    /// If there were any.
    pub fn judge(&self, page: &str) -> Judged {
        let window = self.window;
        let State { too_early, .. } = *self.state();
        let Some((read, taken)) = too_early else { return Ok(()) };
        require(
            false,
            format!(
                "at every moment: inputs read ≤ results taken + window (here {window}); \
                 a result is taken when `next` returns it"
            ),
            format!("{read} inputs were read when {taken} results were taken"),
            page,
        )
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Iterator for Source {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        sign_of_life();
        let mut state = self.ledger.state();
        state.read += 1;
        let State { read, taken, .. } = *state;
        if read > taken + self.ledger.window {
            state.too_early.get_or_insert((read, taken));
        }
        self.ledger.changed.notify_all();
        if state.too_early.is_some() {
            return None;
        }
        drop(state);
        self.next += 1;
        Some(self.next - 1)
    }
}
