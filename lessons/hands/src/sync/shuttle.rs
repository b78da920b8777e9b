//! The locks and threads of shuttle, which runs one thread at a time and chooses at random which.

pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, atomic};
pub(crate) use shuttle::{thread, thread_local};

use shuttle::lazy_static::Lazy;

/// A static that is made anew for each schedule.
pub(crate) struct Global<T: Sync + 'static>(Lazy<T>);

impl<T: Sync> Global<T> {
    pub(crate) const fn new(init: fn() -> T) -> Self {
        Global(Lazy::new(init))
    }

    pub(crate) fn get(&'static self) -> &'static T {
        self.0.get()
    }
}
