//! The locks and threads of the standard library, and crossbeam's channels.

pub(crate) use crossbeam::sync::WaitGroup;
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};
pub(crate) use std::{thread, thread_local};

use std::sync::LazyLock;

/// A static that is made when it's first used.
pub(crate) struct Global<T>(LazyLock<T>);

impl<T> Global<T> {
    pub(crate) const fn new(init: fn() -> T) -> Self {
        Global(LazyLock::new(init))
    }

    pub(crate) fn get(&'static self) -> &'static T {
        &self.0
    }
}

pub(crate) mod channel {
    pub(crate) use crossbeam::channel::{Receiver, Sender, unbounded};

    use crossbeam::channel::select_biased;

    /// Waits for a message in either channel, and takes the first one's if both have some.
    pub(crate) fn recv_either<T>(first: &Receiver<T>, second: &Receiver<T>) -> Option<T> {
        select_biased! {
            recv(first) -> message => message.ok(),
            recv(second) -> message => message.ok(),
        }
    }
}
