//! How a task can end.

use crate::failure::Failure;

/// What became of a task: what it returned, or why it returned nothing.
///
/// A task that returns a `Result` keeps its own error inside `R`: `Ok(Err(e))` is a task that ran to
/// its end and has bad news, `Err(e)` is a task that did not run to its end.
pub type Outcome<R> = Result<R, TaskError>;

/// A task that did not run to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("task {task} {failure}")]
pub struct TaskError {
    /// Which one: the position of its input, counted from 0. For a task that was
    /// [submitted](super::ThreadPool::submit), how many were submitted to the pool before it.
    pub task: usize,
    /// Why.
    pub failure: Failure,
}
