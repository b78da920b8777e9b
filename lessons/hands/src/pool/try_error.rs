//! The first failure of a `try_map`, and the input that caused it.

use std::error::Error;
use std::fmt;

use crate::failure::Failure;

/// The first failure of a [`try_map`](super::ThreadPool::try_map), for which all other tasks were
/// cancelled.
///
/// ```
/// use hands::pool::{Reason, ThreadPool, TryError};
///
/// let pool = ThreadPool::new(2)?;
/// let error = pool.try_map(|word: &str| word.parse::<u8>(), ["1", "two", "3"]).unwrap_err();
/// assert_eq!(error.to_string(), "task 1, with the input \"two\", failed: invalid digit found in string");
///
/// let TryError { input, reason, .. } = error;
/// match reason {
///     Reason::Returned(bad) => println!("{input} is not a number: {bad}"),
///     Reason::Failed(failure) => println!("the task {failure}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TryError<A, E> {
    /// The number of the task: the position of its input, counted from 0.
    pub task: usize,
    /// The input.
    pub input: A,
    /// What went wrong.
    pub reason: Reason<E>,
}

/// How a task of [`try_map`](super::ThreadPool::try_map) failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason<E> {
    /// It ran to its end, and returned this error.
    Returned(E),
    /// It didn't run to its end: it panicked, its process died, or it was cancelled from outside.
    Failed(Failure),
}

impl<A: fmt::Debug, E: fmt::Display> fmt::Display for TryError<A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TryError { task, input, reason } = self;
        match reason {
            Reason::Returned(error) => {
                write!(f, "task {task}, with the input {input:?}, failed: {error}")
            }
            Reason::Failed(failure) => {
                write!(f, "task {task}, with the input {input:?}, {failure}")
            }
        }
    }
}

impl<A: fmt::Debug, E: fmt::Debug + fmt::Display> Error for TryError<A, E> {}
