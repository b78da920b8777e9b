//! Fixed pools of workers, threads or processes, with the vocabulary of Python's `multiprocessing`.
//!
//! ```
//! use hands::pool::ThreadPool;
//!
//! let pool = ThreadPool::new(4)?;
//! for square in pool.imap(|n| n * n, 1..=5) {
//!     println!("{}", square?);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`pool`]: a fixed number of workers that share a queue of tasks, as in
//!   `multiprocessing.Pool` and `concurrent.futures`. Start here.
//! - [`process`]: one function of this program, run in a process of its own, as in
//!   `multiprocessing.Process`.
//! - [`cancel`]: ends early what nobody wants any more, by a token that tasks look at, or by a
//!   deadline.
//! - [`timeline`]: records what ran when, and draws it in the terminal, one row per worker.
//!
//! The other modules are what these four are built on, and they're useful on their own:
//! [`failure`] lists the ways in which a task can fail, [`panics`] turns a panic into a value,
//! [`codec`] encodes values for another process, [`output`] prints without panicking when nobody
//! reads any more, and [`files`] decides whether an output may replace a file.
//!
//! # What it is good for
//!
//! - **Work that may crash, hang or leak.** A worker process that dies takes one task with it, and
//!   you learn which one. A task that takes too long can be killed.
//! - **More inputs than fit into memory.** `imap` reads its inputs only a little ahead of the
//!   results that you take.
//! - **Seeing what happened.** Start a [`Timeline`](timeline::Timeline) and every task is on it.
//!
//! # What to use instead
//!
//! | if you want | use |
//! |---|---|
//! | data parallelism on all cores: sorts, folds, nested loops | [rayon] |
//! | channels, scoped threads, lock-free queues | [crossbeam] |
//! | thousands of connections that mostly wait | [tokio], or another async runtime |
//! | a few risky calls in processes, without registering tasks; or Windows | [procspawn] |
//! | your own protocol between processes | [ipc-channel] |
//!
//! [rayon]: https://docs.rs/rayon
//! [crossbeam]: https://docs.rs/crossbeam
//! [tokio]: https://docs.rs/tokio
//! [procspawn]: https://docs.rs/procspawn
//! [ipc-channel]: https://docs.rs/ipc-channel
//!
//! # Platforms
//!
//! Linux and macOS. [`ProcessPool`](pool::ProcessPool), [`process`] and [`codec`] exist on Unix
//! only; threads and timelines compile everywhere.

pub mod cancel;
#[cfg(unix)]
pub mod codec;
pub mod failure;
pub mod files;
pub mod output;
pub mod panics;
mod patience;
pub mod pool;
#[cfg(unix)]
pub mod process;
mod sync;
pub mod timeline;

/// The first program of the README must run.
#[cfg(all(doctest, unix))]
#[doc = include_str!("../README.md")]
struct Readme;
