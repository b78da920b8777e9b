//! A door where some wait, so that a check sees how many come at the same time.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::judge::sign_of_life;
use crate::wait::PATIENCE;

/// Whoever comes is held until so many are there, never more; then one is let go, and the next is
/// expected in its place.
#[derive(Debug)]
pub struct Door {
    all: usize,
    at_once: usize,
    state: Mutex<State>,
    changed: Condvar,
}

/// What a [`Door`] has seen that should not have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rush {
    /// This one has come for the second time.
    Again(String),
    /// One more has come while so many were there that there should have been no other.
    TooMany,
    /// Only so many came at the same time.
    TooFew(usize),
    /// One was let go, so many are left, and no other one took its place.
    NoNext(usize),
}

#[derive(Debug, Default)]
struct State {
    names: BTreeSet<String>,
    /// How many have come, and how many were let go.
    come: usize,
    gone: usize,
    /// Nobody will come any more, or it does not matter any more.
    closed: bool,
    rush: Option<Rush>,
}

impl Door {
    /// A door to which `all` will come, `at_once` of them at a time.
    pub fn new(all: usize, at_once: usize) -> Arc<Self> {
        let door =
            Arc::new(Door { all, at_once, state: Mutex::default(), changed: Condvar::new() });
        let keeper = Arc::clone(&door);
        thread::spawn(move || keeper.keep());
        door
    }

    /// Somebody has come. Returns when they may go.
    pub fn pass(&self, name: &str) {
        sign_of_life();
        let mut state = self.state();
        if !state.names.insert(name.to_owned()) {
            state.rush.get_or_insert(Rush::Again(name.to_owned()));
        }
        let number = state.come;
        state.come += 1;
        if state.come > state.gone + self.at_once {
            state.rush.get_or_insert(Rush::TooMany);
        }
        self.changed.notify_all();
        let is_held = |state: &mut State| state.gone <= number && state.is_kept();
        drop(self.changed.wait_while(state, is_held).unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets everybody go from now on, and says what was seen.
    pub fn close(&self) -> Option<Rush> {
        let mut state = self.state();
        state.closed = true;
        self.changed.notify_all();
        state.rush.take()
    }

    /// Lets one go whenever all are there that should be, and then expects the next.
    fn keep(&self) {
        let mut state = self.state();
        // Nobody is late as long as nobody could have come.
        let nobody = |state: &mut State| state.come == 0 && state.is_kept();
        state = self.changed.wait_while(state, nobody).unwrap_or_else(PoisonError::into_inner);
        for gone in 0..self.all {
            let expected = self.all.min(gone + self.at_once);
            let is_waiting = |state: &mut State| state.come < expected && state.is_kept();
            let waited = self.changed.wait_timeout_while(state, PATIENCE, is_waiting);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if !state.is_kept() {
                return;
            }
            if state.come < expected {
                let here = state.come.saturating_sub(gone);
                state.rush = Some(if gone == 0 { Rush::TooFew(here) } else { Rush::NoNext(here) });
                self.changed.notify_all();
                return;
            }
            drop(state);
            thread::sleep(Duration::from_millis(10)); // one too many would come now
            state = self.state();
            state.gone = gone + 1;
            self.changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether anybody is held.
    fn is_kept(&self) -> bool {
        !self.closed && self.rush.is_none()
    }
}
