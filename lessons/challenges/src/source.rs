//! Endless inputs, and an account of how far ahead they are read.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::judge::sign_of_life;
use crate::verdict::{Judged, require};
use crate::wait::wait_while;

/// The inputs 0, 1, 2 and so on, without end. Each input that is read is entered into a [`Ledger`].
/// They end once one is read too early.
#[derive(Debug)]
pub struct Source {
    next: usize,
    ledger: Arc<Ledger>,
}

/// How many inputs were read, how many results were taken, and whether an input was ever read too
/// early: that is, when more inputs had been read than results taken plus the window.
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
    /// The first time it was too early: how many had been read, and how many taken.
    too_early: Option<(usize, usize)>,
    closed: bool,
}

impl Ledger {
    /// Nothing has been read or taken yet. At most `window` inputs may be read ahead.
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

    /// How many inputs have been read so far.
    pub fn read(&self) -> usize {
        self.state().read
    }

    /// No more results will be taken, so nobody needs to wait any longer.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Waits until this many inputs have been read, and says whether they have. Gives up after
    /// [`PATIENCE`](crate::PATIENCE).
    pub fn wait_for_read(&self, inputs: usize) -> bool {
        let is_waiting =
            |state: &mut State| state.read < inputs && state.too_early.is_none() && !state.closed;
        wait_while(&self.changed, self.state(), is_waiting).read >= inputs
    }

    /// Refuses an answer that reads inputs too early.
    ///
    /// # Errors
    ///
    /// If it has read one too early.
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
            format!("{read} inputs had been read when {taken} results had been taken"),
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
