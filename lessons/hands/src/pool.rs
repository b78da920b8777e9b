//! A fixed number of workers, and the tasks they share.
//!
//! Make a pool, hand it a function and inputs, and read the results:
//!
//! ```
//! use hands::pool::ThreadPool;
//!
//! let pool = ThreadPool::new(4)?;
//! let squares = pool.map(|n| n * n, 1..=5)?;
//! assert_eq!(squares, [1, 4, 9, 16, 25]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The words are those of Python's `multiprocessing.Pool`:
//!
//! | word | returns | in the order of |
//! |---|---|---|
//! | [`map`](ThreadPool::map) | all results at once, or the first failure | the inputs |
//! | [`imap`](ThreadPool::imap) | an iterator: each result as soon as its turn has come | the inputs |
//! | [`imap_unordered`](ThreadPool::imap_unordered) | an iterator: each result as soon as it is there | completion |
//! | [`submit`](ThreadPool::submit) | a [`Handle`] for one task | your own: join it when you like |
//! | [`as_completed`] | an iterator over the outcomes of many handles | completion |
//!
//! # Two kinds of worker
//!
//! The workers of a [`ThreadPool`] are threads of this process: starting one is cheap, tasks are
//! closures, and nothing is copied. Those of a [`ProcessPool`] are processes: a task that crashes takes
//! down its own worker and nothing else, one that takes too long can be killed, and what it leaks goes
//! with it. For that, tasks are functions with a name, and their inputs and results travel as bytes:
//!
//! ```standalone_crate
//! use hands::pool::ProcessPool;
//! use hands::process::{self, Task};
//!
//! const COUNT_PRIMES: Task<u32, usize> = Task::new("count_primes", |below| {
//!     (2..below).filter(|n| (2..*n).all(|d| n % d != 0)).count()
//! });
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     process::init(&[&COUNT_PRIMES]); // in a worker this serves and does not return
//!     let pool = ProcessPool::new(2)?;
//!     assert_eq!(pool.map(&COUNT_PRIMES, [10, 100])?, [4, 25]);
//!     Ok(())
//! }
//! ```
//!
//! # Lazy at both ends
//!
//! `imap` and `imap_unordered` read their inputs while the results are being used, never more than
//! a [window](Pool::window) ahead. Ten million inputs need no more memory than ten. An endless
//! iterator will do, and dropping the results early cancels what has not started:
//!
//! ```
//! # use hands::pool::ThreadPool;
//! let pool = ThreadPool::new(4)?;
//! for square in pool.imap(|n: u64| n * n, 1..) {
//!     if square? > 1000 {
//!         break;
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What goes wrong in a task stays with the task
//!
//! Each result is an [`Outcome`]: what the task returned or, if it panicked, a [`TaskError`] that
//! says which task, where, and why. The worker goes on with the next. An error that the task itself
//! returns is an ordinary value inside:
//!
//! ```
//! # use hands::pool::ThreadPool;
//! let pool = ThreadPool::new(2)?;
//! let outcomes: Vec<_> = pool.imap(|word: &str| word.parse::<u8>(), ["7", "seven"]).collect();
//! assert_eq!(outcomes[0], Ok(Ok(7)));
//! assert!(matches!(&outcomes[1], Ok(Err(bad)) if bad.to_string() == "invalid digit found in string"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How it works
//!
//! There is one queue, and the workers *pull* from it: whoever is free takes the next chunk of
//! tasks. Nobody divides the work beforehand, so a slow task delays only what is in its own chunk.
//! What a worker pulls depends on the [`Kind`] of pool; how far to read ahead and in which order to
//! hand out does not, and is written once.
//!
//! A worker process is fed by a thread of its own in the parent, which pulls from that queue and
//! speaks to the process over a socket. It sends tasks ahead, as many as make up about a millisecond,
//! and only while tasks are that short; a process whose task turns out to be long gives back what it
//! has not begun. Results come back in order, so that the thread always knows what its process is
//! running, and can say so when it dies.

mod handle;
mod lanes;
#[cfg(unix)]
mod ledger;
mod outcome;
#[cfg(unix)]
mod processes;
mod reply;
mod results;
mod threads;
mod window;

use std::fmt;
use std::io;
use std::sync::atomic::AtomicUsize;

use lanes::{Lane, Lanes};
use window::{Chunk, Order};

pub use crate::failure::Failure;
pub use handle::{AsCompleted, Handle, as_completed};
pub use outcome::{Outcome, TaskError};
#[cfg(unix)]
pub use processes::{OnCrash, ProcessPool, Processes};
pub use results::Results;
pub use threads::{ThreadPool, Threads};

/// What the workers of a pool are: [`Threads`] or [`Processes`]. There are no others.
pub trait Kind: sealed::Sealed {
    /// What a worker pulls from the queue.
    #[doc(hidden)]
    type Job: Send;
    /// What is to be said about workers before they start.
    #[doc(hidden)]
    type Plan;
    /// How many workers a pool can have.
    #[doc(hidden)]
    const MOST: usize;
    /// Whether the system has room for so many.
    #[doc(hidden)]
    fn check_room(workers: usize) -> io::Result<()>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Threads<'_> {}
    #[cfg(unix)]
    impl Sealed for super::Processes {}
}

/// A fixed number of workers of one [`Kind`], and the queue they pull from.
pub struct Pool<K: Kind> {
    lanes: Lanes<K::Job>,
    kind: K,
    window: Option<usize>,
    chunk: Option<usize>,
    submitted: AtomicUsize,
}

/// A pool that has not started: what is to be said about its workers. Made by
/// [`ThreadPool::builder`] and [`ProcessPool::builder`].
#[must_use = "a pool begins to exist when it is started"]
pub struct Builder<K: Kind> {
    workers: usize,
    plan: K::Plan,
}

impl<K: Kind> Pool<K> {
    /// Starts `workers` lanes with `start`, which puts each on a thread of its own.
    fn start(
        workers: usize,
        kind: K,
        start: impl FnMut(Lane<K::Job>) -> io::Result<()>,
    ) -> io::Result<Self> {
        check_count(workers, K::MOST)?;
        K::check_room(workers)?;
        let lanes = Lanes::start(workers, start)?;
        Ok(Pool { lanes, kind, window: None, chunk: None, submitted: AtomicUsize::new(0) })
    }

    /// How many workers there are.
    pub fn workers(&self) -> usize {
        self.lanes.count()
    }

    /// Sets how many inputs travel together as one piece of work: Python's `chunksize`.
    ///
    /// Larger chunks mean fewer trips, which matters when tasks are tiny. They also mean worse
    /// balance at the end, and results that come in bursts: a chunk is handed back as a whole. And if
    /// a worker process dies, all tasks of its chunk that it has not reported are lost with it; what
    /// has ended is reported each millisecond.
    ///
    /// Without this call `imap` and `imap_unordered` use chunks of 1. `map` begins with a quarter of
    /// each worker's share, and makes every chunk that same part of what is *left*: the trips are few,
    /// and at the end, where a large chunk would leave the other workers idle, chunks are small.
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    #[must_use]
    pub fn chunk_size(mut self, inputs: usize) -> Self {
        assert!(inputs > 0, "a chunk holds at least one input");
        self.chunk = Some(inputs);
        self
    }

    /// Sets how far `imap` and `imap_unordered` may read ahead: after `k` results were taken from
    /// them, they have taken at most `k + inputs` inputs. A larger chunk is cut to the window, and a
    /// window that is smaller than a chunk for each worker leaves workers idle.
    ///
    /// Without this call it is eight inputs a worker, or two chunks a worker if that is more:
    /// enough that no worker waits for its caller, few enough to hold in memory.
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    #[must_use]
    pub fn window(mut self, inputs: usize) -> Self {
        assert!(inputs > 0, "a window holds at least one input");
        self.window = Some(inputs);
        self
    }

    /// Waits until every task has ended, and ends the workers: Python's `close` and `join`. Dropping
    /// the pool waits only for the tasks that have started.
    ///
    /// After `map`, or a loop over all results, there is nothing left to wait for.
    pub fn join(mut self) {
        self.lanes.close();
    }

    /// Order, window and chunk for `map`, which has all of its inputs and needs no window.
    fn plan_map(&self, inputs: usize) -> (Order, usize, Chunk) {
        let shares = self.workers().saturating_mul(4);
        let chunk = self.chunk.map_or(Chunk::Shrinking { left: inputs, shares }, Chunk::Of);
        (Order::Input, usize::MAX, chunk)
    }

    /// Order, window and chunk for `imap` and `imap_unordered`.
    fn plan_imap(&self, order: Order) -> (Order, usize, Chunk) {
        let chunk = self.chunk.unwrap_or(1);
        let window = self.window.unwrap_or_else(|| {
            let workers = self.workers();
            (8 * workers).max(workers.saturating_mul(2).saturating_mul(chunk))
        });
        (order, window, Chunk::Of(chunk))
    }
}

/// Refuses at once a number of workers that cannot be.
fn check_count(workers: usize, most: usize) -> io::Result<()> {
    let message = match workers {
        0 => "a pool needs at least one worker".to_owned(),
        _ if workers <= most => return Ok(()),
        _ => format!(
            "a pool of {workers} workers is too large, the most is {most}: for work that computes take one a \
             core (std::thread::available_parallelism), for work that waits some dozens or hundreds"
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
        f.debug_struct("Pool")
            .field("workers", &self.workers())
            .field("window", &self.window)
            .field("chunk_size", &self.chunk)
            .finish_non_exhaustive()
    }
}
