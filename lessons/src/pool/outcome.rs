//! How a task can end.

use crate::panics::Panicked;

/// What became of a task: what it returned, or why it returned nothing.
///
/// A task that returns a `Result` keeps its own error inside `R`: `Ok(Err(e))` is a task that ran to
/// its end and has bad news, `Err(e)` is a task that did not run to its end.
pub type Outcome<R> = Result<R, TaskError>;

/// A task that did not run to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("task {task} {failure}")]
pub struct TaskError {
    /// Which one: the position of its input, counted from 0.
    pub task: usize,
    /// Why.
    pub failure: Failure,
}

/// Why a task did not run to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The task panicked. The worker lives on.
    #[error(transparent)]
    Panicked(#[from] Panicked),
    /// The task was not started, because nobody waits for it any more: the results were dropped, or
    /// the pool.
    #[error("was cancelled before it started")]
    Cancelled,
    /// A task of a pool asked that same pool for workers. With every worker waiting for another this
    /// would never end. Use a second pool inside the task, or submit the work from outside. (A detour,
    /// where a task of the second pool calls the first again, is not noticed.)
    #[error(
        "was refused: it came from a task of the same pool, which could wait for ever; use a second pool"
    )]
    OwnPool,
}
