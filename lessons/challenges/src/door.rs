//! A door that holds those who come, so that a check sees how many come at the same time.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::judge::sign_of_life;
use crate::wait::{let_others_come, wait_while};

/// Holds everyone who comes until `at_once` are there, and there should never be more. Then it lets
/// one go, and expects the next to take its place. The first is slow: it goes last, so nobody may
/// wait behind it.
#[derive(Debug)]
pub struct Door {
    all: usize,
    at_once: usize,
    state: Mutex<State>,
    changed: Condvar,
}

/// What a [`Door`] has seen that shouldn't have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rush {
    /// This one has come a second time.
    Again(String),
    /// One too many has come.
    TooMany,
    /// Only this many have come at the same time.
    TooFew(usize),
    /// One was let go, and nobody took its place. This many are left.
    NoNext(usize),
}

/// How long it waits for one too many.
const LAP: Duration = Duration::from_millis(10);

#[derive(Debug, Default)]
struct State {
    names: BTreeSet<String>,
    /// How many have come.
    come: usize,
    /// How many were let go.
    gone: usize,
    /// Nobody is held any more.
    closed: bool,
    rush: Option<Rush>,
}

impl Door {
    /// A door for `all` who will come, `at_once` of them at a time.
    pub fn new(all: usize, at_once: usize) -> Arc<Self> {
        let door =
            Arc::new(Door { all, at_once, state: Mutex::default(), changed: Condvar::new() });
        let keeper = Arc::clone(&door);
        thread::spawn(move || keeper.keep());
        door
    }

    /// Comes to the door. Returns once the door lets go.
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
        // How many must have gone before.
        let before = match number {
            _ if self.at_once == 1 => number,
            0 => self.all - 1,
            _ => number - 1,
        };
        let is_held = |state: &mut State| state.gone <= before && state.is_kept();
        drop(self.changed.wait_while(state, is_held).unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets everyone go from now on, and says what it has seen.
    pub fn close(&self) -> Option<Rush> {
        let mut state = self.state();
        state.closed = true;
        self.changed.notify_all();
        state.rush.take()
    }

    /// Lets one go each time that all are there who should be, and then expects the next.
    fn keep(&self) {
        let mut state = self.state();
        // Nobody can be late before the first one has come.
        let nobody = |state: &mut State| state.come == 0 && state.is_kept();
        state = self.changed.wait_while(state, nobody).unwrap_or_else(PoisonError::into_inner);
        let mut others_rest = true;
        for gone in 0..self.all {
            let expected = self.all.min(gone + self.at_once);
            let is_waiting = |state: &mut State| state.come < expected && state.is_kept();
            state = wait_while(&self.changed, state, is_waiting);
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
            // One too many would come now. Those who never rest get their time once.
            if others_rest {
                others_rest = let_others_come(LAP);
            } else {
                thread::sleep(LAP);
            }
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
    /// Whether those who come are held.
    fn is_kept(&self) -> bool {
        !self.closed && self.rush.is_none()
    }
}
