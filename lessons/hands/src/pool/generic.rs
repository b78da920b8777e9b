//! The pool itself, whatever its workers are, and the kinds of worker that there are.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::lanes::{Lane, Lanes};
use crate::cancel::Token;
use crate::sync::atomic::AtomicUsize;

/// The kind of a pool's workers: [`Threads`](super::Threads) or [`Processes`](super::Processes).
/// There are no others.
pub trait Kind: Sealed {
    /// What a lane pulls from the queue.
    #[doc(hidden)]
    type Chunk: Send;
    /// What a builder can be told about the workers.
    #[doc(hidden)]
    type Options;
    /// Sees to it that whoever serves the workers wakes up when the token of a call is cancelled
    /// from above, and returns what else wakes them.
    #[doc(hidden)]
    fn watch(&self, token: &Token) -> Option<Wake>;
}

/// Wakes those who serve the workers.
pub(super) type Wake = Arc<dyn Fn() + Send + Sync>;

/// Keeps other crates from adding kinds.
pub trait Sealed {}

/// A fixed number of workers of one [`Kind`], and the queue that they pull from. You will use it by
/// one of its names, [`ThreadPool`](super::ThreadPool) or [`ProcessPool`](super::ProcessPool).
pub struct Pool<K: Kind> {
    pub(super) lanes: Lanes<K::Chunk>,
    pub(super) kind: K,
    /// How many tasks were submitted.
    pub(super) submitted: AtomicUsize,
}

/// A pool that hasn't started, and the options of its workers. Made by
/// [`ThreadPool::builder`](super::ThreadPool::builder) and
/// [`ProcessPool::builder`](super::ProcessPool::builder).
#[must_use = "a pool has no workers until it is started"]
pub struct Builder<K: Kind> {
    pub(super) workers: usize,
    pub(super) options: K::Options,
}

impl<K: Kind> Pool<K> {
    /// Starts `workers` lanes with `start`, which puts each on a thread of its own.
    pub(super) fn start_lanes(
        workers: usize,
        kind: K,
        start: impl FnMut(Lane<K::Chunk>) -> io::Result<()>,
    ) -> io::Result<Self> {
        let lanes = Lanes::start(workers, start)?;
        Ok(Pool { lanes, kind, submitted: AtomicUsize::new(0) })
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.lanes.count()
    }

    /// Waits until every task has ended, and ends the workers: Python's `close` and `join`.
    /// (Dropping the pool waits only for the tasks that have started.)
    ///
    /// After `map`, or after a loop over all results, there's nothing left to wait for.
    pub fn join(mut self) {
        self.lanes.close();
    }
}

/// Refuses a number of workers that makes no sense.
pub(super) fn check_count(workers: usize, limit: usize) -> io::Result<()> {
    let message = match workers {
        0 => "a pool needs at least one worker".to_owned(),
        _ if workers <= limit => return Ok(()),
        _ => format!(
            "a pool of {workers} workers is too large, the limit is {limit}: tasks that compute need \
             one worker per core (std::thread::available_parallelism), and tasks that wait a few dozen \
             or a few hundred"
        ),
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

impl<K: Kind> fmt::Debug for Builder<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("workers", &self.workers).finish_non_exhaustive()
    }
}

impl<K: Kind> fmt::Debug for Pool<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("workers", &self.workers()).finish_non_exhaustive()
    }
}
