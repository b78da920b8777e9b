//! A fixed number of workers, and the tasks that they share.
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
//! The names are those of Python's `multiprocessing.Pool` and `concurrent.futures`:
//!
//! | method | returns | in the order of |
//! |---|---|---|
//! | [`map`](ThreadPool::map) | all results at once, or the first failure | the inputs |
//! | [`imap`](ThreadPool::imap) | an iterator: each result as soon as it's its turn | the inputs |
//! | [`imap_unordered`](ThreadPool::imap_unordered) | an iterator: each result as soon as it's there | completion |
//! | [`try_map`](ThreadPool::try_map) | all results, or the failure that came first, for which it cancelled the rest | the inputs |
//! | [`map_until`](ThreadPool::map_until) | what is there at a deadline, and cancels the rest | the inputs |
//! | [`submit`](ThreadPool::submit) | a [`Handle`] for one task | your choice: join it when you like |
//! | [`as_completed`] | an iterator over the outcomes of many handles | completion |
//!
//! # Glossary
//!
//! | word | meaning |
//! |---|---|
//! | task | one call of a function, with one *input*; it ends with an [`Outcome`] |
//! | chunk | tasks that travel to a worker together, and come back together |
//! | window | how many inputs may be read ahead of the results that you have taken |
//! | worker | a thread or process that runs tasks |
//! | lane | a thread that pulls chunks from the queue: the worker itself, or the thread that serves a worker process |
//! | frame | what is sent to a worker process in one go: a chunk, or a part of a long one |
//!
//! # Two kinds of worker
//!
//! The workers of a [`ThreadPool`] are threads of this process. Starting one is cheap, tasks are
//! closures, and nothing is copied. Those of a [`ProcessPool`] are processes. A task that crashes
//! takes down its own worker and nothing else, one that takes too long can be killed, and whatever
//! it leaks is gone with its worker. In return, tasks are functions with a name, and their inputs
//! and results travel as bytes:
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
//! # Options
//!
//! The first three are options of a call, as in `pool.chunk_size(100).map(…)`. The others are
//! options of the pool: `ThreadPool::builder(4).initializer(…).start()?`.
//!
//! | option | of | default | what it does |
//! |---|---|---|---|
//! | [`chunk_size`](Pool::chunk_size) | every call | 1; `map` shrinks it from a quarter of a worker's share | how many inputs travel together |
//! | [`window`](Pool::window) | `imap`, `imap_unordered` | 8 inputs per worker, or 2 chunks if that's more | how far ahead inputs are read |
//! | [`token`](Pool::token) | every call | none | cancels the call: see [`cancel`](crate::cancel) |
//! | `initializer`, for [threads](Builder#method.initializer-1) and [processes](Builder#method.initializer) | both kinds | nothing | runs once in each worker, before its first task |
//! | [`scoped`](ThreadPool::scoped), [`start_scoped`](Builder::start_scoped) | threads | no scope: tasks own what they use | lets tasks borrow from the stack |
//! | [`max_tasks_per_child`](Builder::max_tasks_per_child) | processes | unlimited | replaces a worker after this many tasks |
//! | [`task_timeout`](Builder::task_timeout) | processes | unlimited | kills a worker whose task takes longer |
//! | [`grace`](Builder::grace) | processes | one second | kills a worker whose task doesn't end after it was cancelled |
//! | [`on_crash`](Builder::on_crash) | processes | [`OnCrash::Fail`] | fails or retries a task whose worker died |
//!
//! # Lazy at both ends
//!
//! `imap` and `imap_unordered` read their inputs while you use the results, and never more than a
//! [window](Pool::window) ahead. So ten million inputs need no more memory than ten, and even an
//! endless iterator will do. Dropping the results early [cancels](crate::cancel) the rest:
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
//! # If a task goes wrong
//!
//! Each result is an [`Outcome`]: what the task returned or, if it panicked, a [`TaskError`] that
//! says which task it was, where, and why. The worker goes on with the next task. An error that the
//! task itself returns is an ordinary value inside:
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
//! [`Failure`] lists what can go wrong, and shows how to match on it.
//!
//! # Ending at the first failure
//!
//! [`try_map`](ThreadPool::try_map) cancels the rest at the first failure, and returns once all of
//! its tasks have ended. It has no lazy sibling, because only a call that returns can promise that:
//! an iterator may be dropped at any moment, and a drop that waits for tasks could wait for ever.
//! For both kinds of pool, choose one of two:
//!
//! - `imap` in a loop that you leave with `?`. That drops the results, which cancels the tasks that
//!   haven't started, and tells those that run. It doesn't wait for them; [`join`](Pool::join)
//!   does.
//! - `try_map` on a part of the inputs at a time. Between two parts, nothing runs.
//!
//! ```
//! use hands::pool::ThreadPool;
//!
//! let pool = ThreadPool::new(2)?;
//! let parse = |word: String| word.parse::<u32>();
//! let words = || (1..).map(|n| if n == 500 { "five hundred".to_owned() } else { n.to_string() });
//!
//! let sum = || -> Result<u32, Box<dyn std::error::Error>> {
//!     let mut sum = 0;
//!     for number in pool.imap(parse, words()) {
//!         sum += number??; // the first `?` is for a panic, the second for its own error
//!     }
//!     Ok(sum)
//! };
//! assert_eq!(sum().unwrap_err().to_string(), "invalid digit found in string");
//!
//! let mut words = words();
//! let error = loop {
//!     let part: Vec<String> = words.by_ref().take(100).collect();
//!     if let Err(error) = pool.try_map(parse, part) {
//!         break error;
//!     }
//! };
//! assert_eq!((error.task, error.input.as_str()), (99, "five hundred")); // of the fifth hundred
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How it works
//!
//! There is one queue of chunks, and the lanes *pull* from it: a lane that is free takes the next
//! chunk. Nobody divides the work beforehand, so a slow task delays only the rest of its own chunk.
//! What a lane pulls depends on the [`Kind`] of pool. How far to read ahead, and in which order to
//! hand out results, does not, and is written once.
//!
//! A worker process is served by a lane in the parent, which sends it chunks over a socket. While
//! tasks are short, it sends about a millisecond's worth of them ahead. A process whose task turns
//! out to be long gives back the chunks that it hasn't begun. Results come back in order, so the
//! lane always knows which task its process is running, and can say so if the process dies.

mod call;
mod generic;
mod handle;
mod lanes;
mod outcome;
#[cfg(unix)]
mod processes;
mod reply;
mod results;
mod threads;
mod try_error;
mod window;

pub use crate::failure::Failure;
pub use call::Call;
pub use generic::{Builder, Kind, Pool};
pub use handle::{AsCompleted, Handle, as_completed};
pub use outcome::{Outcome, TaskError};
#[cfg(unix)]
pub use processes::{OnCrash, ProcessPool, Processes};
pub use results::Results;
pub use threads::{ThreadPool, Threads};
pub use try_error::{Reason, TryError};
