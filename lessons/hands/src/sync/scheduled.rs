//! The same for shuttle, which chooses who goes on. It can't see into crossbeam, so the channel and
//! the wait group are written here once more, with its locks.

pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, atomic};
pub(crate) use shuttle::{thread, thread_local};

use std::sync::{Arc, PoisonError};

/// What a lock of the same name holds.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A static that is made anew for each schedule.
pub(crate) struct Global<T: Sync + 'static>(shuttle::lazy_static::Lazy<T>);

impl<T: Sync> Global<T> {
    pub(crate) const fn new(init: fn() -> T) -> Self {
        Global(shuttle::lazy_static::Lazy::new(init))
    }

    pub(crate) fn get(&'static self) -> &'static T {
        self.0.get()
    }
}

/// Waits until all its clones are gone.
#[derive(Clone, Default)]
pub(crate) struct WaitGroup(Arc<Member>);

struct Member {
    left: Arc<(Mutex<bool>, Condvar)>,
}

impl Default for Member {
    fn default() -> Self {
        Member { left: Arc::new((Mutex::new(false), Condvar::new())) }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        *lock(&self.left.0) = true;
        self.left.1.notify_all();
    }
}

impl WaitGroup {
    pub(crate) fn new() -> Self {
        WaitGroup::default()
    }

    pub(crate) fn wait(self) {
        let left = Arc::clone(&self.0.left);
        drop(self);
        let mut all = lock(&left.0);
        while !*all {
            all = left.1.wait(all).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

pub(crate) mod channel {
    //! An unbounded channel, with the names and the rules of crossbeam's.

    use std::collections::VecDeque;
    use std::fmt;
    use std::mem;
    use std::sync::{Arc, PoisonError};

    use super::{Condvar, Mutex, lock};

    pub(crate) fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
        let state = State { queue: VecDeque::new(), senders: 1, receivers: 1 };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        (Sender(Arc::clone(&shared)), Receiver(shared))
    }

    struct Shared<T> {
        state: Mutex<State<T>>,
        changed: Condvar,
    }

    struct State<T> {
        queue: VecDeque<T>,
        senders: usize,
        receivers: usize,
    }

    pub(crate) struct Sender<T>(Arc<Shared<T>>);

    pub(crate) struct Receiver<T>(Arc<Shared<T>>);

    #[derive(Debug)]
    pub(crate) struct Closed;

    impl<T> Sender<T> {
        /// Gives the value back if no receiver is left.
        pub(crate) fn send(&self, value: T) -> Result<(), T> {
            let mut state = lock(&self.0.state);
            if state.receivers == 0 {
                return Err(value);
            }
            state.queue.push_back(value);
            drop(state);
            self.0.changed.notify_one();
            Ok(())
        }
    }

    impl<T> Receiver<T> {
        pub(crate) fn recv(&self) -> Result<T, Closed> {
            let mut state = lock(&self.0.state);
            loop {
                if let Some(value) = state.queue.pop_front() {
                    return Ok(value);
                }
                if state.senders == 0 {
                    return Err(Closed);
                }
                state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }

        pub(crate) fn try_recv(&self) -> Result<T, Closed> {
            lock(&self.0.state).queue.pop_front().ok_or(Closed)
        }

        pub(crate) fn len(&self) -> usize {
            lock(&self.0.state).queue.len()
        }
    }

    impl<T> Clone for Sender<T> {
        fn clone(&self) -> Self {
            lock(&self.0.state).senders += 1;
            Sender(Arc::clone(&self.0))
        }
    }

    impl<T> Clone for Receiver<T> {
        fn clone(&self) -> Self {
            lock(&self.0.state).receivers += 1;
            Receiver(Arc::clone(&self.0))
        }
    }

    impl<T> Drop for Sender<T> {
        fn drop(&mut self) {
            lock(&self.0.state).senders -= 1;
            self.0.changed.notify_all();
        }
    }

    impl<T> Drop for Receiver<T> {
        fn drop(&mut self) {
            let mut state = lock(&self.0.state);
            state.receivers -= 1;
            // Nobody will read what is left. It's dropped without the lock: it may drop a sender.
            let left =
                if state.receivers == 0 { mem::take(&mut state.queue) } else { VecDeque::new() };
            drop(state);
            drop(left);
        }
    }

    impl<T> fmt::Debug for Receiver<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Receiver")
        }
    }
}
