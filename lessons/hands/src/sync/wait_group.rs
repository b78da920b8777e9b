//! A wait group as crossbeam's.

use std::sync::{Arc, PoisonError};

use super::{Condvar, Mutex, MutexGuard};

/// Waits until all its clones are gone.
#[derive(Clone)]
pub(crate) struct WaitGroup(Arc<Member>);

/// What all clones share. It's dropped with the last of them.
struct Member(Arc<Gone>);

struct Gone {
    all: Mutex<bool>,
    changed: Condvar,
}

impl Gone {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        *self.0.lock() = true;
        self.0.changed.notify_all();
    }
}

impl WaitGroup {
    pub(crate) fn new() -> Self {
        let gone = Gone { all: Mutex::new(false), changed: Condvar::new() };
        WaitGroup(Arc::new(Member(Arc::new(gone))))
    }

    pub(crate) fn wait(self) {
        let gone = Arc::clone(&self.0.0);
        drop(self);
        let mut all = gone.lock();
        while !*all {
            all = gone.changed.wait(all).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
