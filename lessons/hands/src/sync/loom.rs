//! The locks and threads of loom, which tries one schedule after the other until it has had all.

pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard, atomic};
pub(crate) use loom::thread;

use std::marker::PhantomData;

use loom::lazy_static::Lazy;

/// Loom's macro doesn't know `const`.
macro_rules! static_of_a_thread {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = const $init:block;) => {
        ::loom::thread_local! {
            $(#[$attribute])*
            static $name: $type = $init;
        }
    };
}

pub(crate) use static_of_a_thread as thread_local;

/// A static that is made anew for each schedule.
pub(crate) struct Global<T: 'static>(Lazy<T>);

impl<T> Global<T> {
    pub(crate) const fn new(init: fn() -> T) -> Self {
        Global(Lazy { init, _p: PhantomData })
    }

    pub(crate) fn get(&'static self) -> &'static T {
        self.0.get()
    }
}
