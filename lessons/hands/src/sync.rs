//! What threads share and wait for: the locks and threads of the standard library, and crossbeam's
//! channels. To test the pools under many schedules, they're those of shuttle: the package
//! `hands-scheduled` compiles this crate so. Nothing else takes notice.

#[cfg(not(feature = "schedules"))]
mod real {
    pub(crate) use crossbeam::channel;
    pub(crate) use crossbeam::sync::WaitGroup;
    pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};
    pub(crate) use std::{thread, thread_local};

    /// A static that is made when it's first used.
    pub(crate) struct Global<T>(std::sync::LazyLock<T>);

    impl<T> Global<T> {
        pub(crate) const fn new(init: fn() -> T) -> Self {
            Global(std::sync::LazyLock::new(init))
        }

        pub(crate) fn get(&'static self) -> &'static T {
            &self.0
        }
    }
}

#[cfg(feature = "schedules")]
mod scheduled;

#[cfg(not(feature = "schedules"))]
pub(crate) use real::*;
#[cfg(feature = "schedules")]
pub(crate) use scheduled::*;
