//! How a task ends.

use std::error::Error;
use std::fmt;

use crate::failure::Failure;

/// The value that a task returned, or the reason why it didn't return one.
///
/// A task that returns a `Result` keeps its own error inside `R`: `Ok(Err(e))` is a task that ran
/// to its end and has bad news, `Err(e)` is one that didn't run to its end.
pub type Outcome<R> = Result<R, TaskError>;

/// A task that didn't run to its end. [`Failure`] shows how to match on the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// The number of the task: the position of its input, counted from 0. For a task that was
    /// [submitted](super::ThreadPool::submit), it is how many were submitted to the pool before.
    pub task: usize,
    /// Why it failed.
    pub failure: Failure,
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {} {}", self.task, self.failure)
    }
}

impl Error for TaskError {}
