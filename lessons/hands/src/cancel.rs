//! Ending things early: a token says that work is no longer wanted, and whoever does the work looks
//! at it now and then.
//!
//! Nobody can end a thread from outside. It may hold a lock, or have half of a file written, and
//! the rest of the program would have to live with that. So ending a thread is an agreement: one
//! side [cancels](Token::cancel) a [`Token`], and the other side [checks](Token::check) it at a
//! moment that suits it:
//!
//! ```
//! use hands::cancel::{Cancelled, Token};
//! use std::thread;
//!
//! fn count(token: &Token) -> Result<u64, Cancelled> {
//!     let mut n = 0;
//!     loop {
//!         n += 1;
//!         token.check()?; // costs about as much as adding two numbers
//!     }
//! }
//!
//! let token = Token::new();
//! thread::scope(|s| {
//!     let counting = s.spawn(|| count(&token));
//!     token.cancel();
//!     assert_eq!(counting.join().unwrap(), Err(Cancelled::Asked));
//! });
//! ```
//!
//! # A task asks for its token
//!
//! A task that runs in a [pool](crate::pool) asks for its token with [`current`]. It's the same in
//! a thread and in a worker process: cancelling reaches both.
//!
//! ```
//! use hands::cancel::{self, Cancelled};
//! use hands::pool::ThreadPool;
//!
//! fn wait_for_ever(_: ()) -> Result<(), Cancelled> {
//!     let token = cancel::current();
//!     loop {
//!         token.check()?;
//!         std::thread::yield_now();
//!     }
//! }
//!
//! let pool = ThreadPool::new(1)?;
//! let task = pool.submit(wait_for_ever, ());
//! task.cancel();
//! let outcome = task.join();
//! // Cancelled before it started, or stopped by its check.
//! assert!(matches!(outcome, Err(_) | Ok(Err(Cancelled::Asked))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What cancels a task
//!
//! | what | which tasks |
//! |---|---|
//! | [`Handle::cancel`](crate::pool::Handle::cancel) | the one that was submitted |
//! | the first failure in [`try_map`](crate::pool::ThreadPool::try_map) | all others of that call |
//! | the deadline of [`map_until`](crate::pool::ThreadPool::map_until) | those of that call that haven't ended |
//! | a token given with [`Pool::token`](crate::pool::Pool::token) | all calls that were given it |
//! | results that are dropped early, a pool that is dropped | whatever they had not finished |
//!
//! A task that hasn't started never will. One that runs is told. Whether it listens is up to it,
//! except in a worker process: a process that doesn't listen within a
//! [grace period](crate::pool::Builder::grace) is killed, together with the programs that it has
//! started, if somebody still waits for its task.
//!
//! # Tokens have children
//!
//! A [child](Token::child) is cancelled with its parent, but not the other way round. A deadline is
//! handed down, too, and a child can only have an earlier one:
//!
//! ```
//! use hands::cancel::{Cancelled, Token};
//! use std::time::Duration;
//!
//! let program = Token::new(); // cancelled by Ctrl-C, for example
//! let download = program.with_timeout(Duration::from_secs(60));
//! let request = download.with_timeout(Duration::from_secs(5));
//! assert!(request.time_left().is_some_and(|left| left <= Duration::from_secs(5)));
//!
//! request.cancel();
//! assert!(!download.is_cancelled());
//! program.cancel();
//! assert_eq!(download.check(), Err(Cancelled::Asked));
//! ```
//!
//! # What a check can't end
//!
//! A call that blocks doesn't check anything. Give it a time limit of its own, and use what is
//! [left](Token::time_left) of the token's. Instead of sleeping, sleep [on the
//! token](Token::sleep); instead of waiting for one channel, wait for the token's
//! [channel](Token::channel), too. Whatever can't wait for a channel, such as async code, is told
//! by [`on_cancel`](Token::on_cancel).

mod current;
mod graph;
mod registry;
mod token;

pub use current::current;
pub use token::{Cancelled, Token};

pub(crate) use current::{enter, enter_pool};
