//! Why a task did not run to its end.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::panics::Panicked;

/// Why a task did not run to its end. It's the same for threads and processes.
///
/// Match on the cases that you can do something about, and print the others:
///
/// ```
/// use hands::pool::{Failure, Outcome, TaskError};
///
/// fn what_to_do(outcome: Outcome<u32>) -> String {
///     match outcome {
///         Ok(value) => format!("use {value}"),
///         Err(TaskError { task, failure }) => match failure {
///             Failure::Crashed { signal: Some(9), .. } => format!("give task {task} more memory"),
///             Failure::Crashed { .. } | Failure::TimedOut { .. } => format!("skip input {task}"),
///             Failure::Panicked(panicked) => format!("fix {}", panicked.place),
///             other => format!("give up: the task {other}"),
///         },
///     }
/// }
///
/// let killed = Failure::Crashed { signal: Some(9), code: None };
/// assert_eq!(what_to_do(Err(TaskError { task: 3, failure: killed })), "give task 3 more memory");
/// let cancelled = TaskError { task: 4, failure: Failure::Cancelled };
/// assert_eq!(what_to_do(Err(cancelled)), "give up: the task was cancelled");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The task panicked. Its worker lives on.
    Panicked(Panicked),
    /// The process that ran the task died: it was killed, it aborted, or it called `exit`. Exactly
    /// one of `signal` and `code` is there, unless the system couldn't say.
    Crashed {
        /// The signal that ended the process: 9 after `kill -9`, 11 after a segmentation fault.
        signal: Option<i32>,
        /// The code that the process exited with.
        code: Option<i32>,
    },
    /// The task ran for longer than it may, and its process was killed.
    TimedOut {
        /// How long a task may run.
        limit: Duration,
    },
    /// An input or a result couldn't be encoded or decoded, or is too long to be sent.
    Codec {
        /// What is wrong with the value.
        reason: String,
    },
    /// The task didn't run, because nobody waits for it any more: its results were dropped, its
    /// handle was cancelled, or its pool has ended.
    Cancelled,
    /// A task asked its own pool for workers. If every worker did that, each would wait for
    /// another, for ever. Use a second pool inside the task, or submit the work from outside. (A
    /// detour isn't noticed: a task of the second pool that calls the first one again.)
    OwnPool,
    /// The task isn't among those that `init` was given.
    Unregistered {
        /// The name of the task.
        name: &'static str,
    },
    /// No process could be started to run the task.
    NoWorker {
        /// What the system or the initializer said.
        reason: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Panicked(panicked) => panicked.fmt(f),
            Failure::Crashed { signal, code } => {
                write!(f, "crashed: its process {}", how_it_died(*signal, *code))
            }
            Failure::TimedOut { limit } => {
                write!(f, "timed out: it ran for more than {} second(s)", limit.as_secs_f64())
            }
            Failure::Codec { reason } => write!(f, "could not be sent: {reason}"),
            Failure::Cancelled => f.write_str("was cancelled"),
            Failure::OwnPool => f.write_str(
                "was refused: it came from a task of the same pool, which could wait for ever; \
                 use a second pool",
            ),
            Failure::Unregistered { name } => write!(
                f,
                "was refused: no task {name:?} of this type is registered; \
                 begin main with hands::process::init(&[…]) and name it there"
            ),
            Failure::NoWorker { reason } => write!(f, "was not started: {reason}"),
        }
    }
}

impl Error for Failure {}

impl Failure {
    /// A result that can't be decoded, or encoded.
    #[cfg(unix)]
    pub(crate) fn bad_result(error: crate::codec::Error) -> Failure {
        Failure::Codec { reason: format!("its result: {error}") }
    }
}

impl From<Panicked> for Failure {
    fn from(panicked: Panicked) -> Self {
        Failure::Panicked(panicked)
    }
}

fn how_it_died(signal: Option<i32>, code: Option<i32>) -> String {
    match (signal, code) {
        (Some(signal), _) => match signal_name(signal) {
            Some(name) => format!("was ended by signal {signal} ({name})"),
            None => format!("was ended by signal {signal}"),
        },
        (None, Some(code)) => format!("exited with code {code} in the middle of it"),
        (None, None) => "is gone".to_owned(),
    }
}

/// The names of the signals that end programs and have the same number on every Unix.
fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_says_how() {
        let killed = Failure::Crashed { signal: Some(9), code: None };
        assert_eq!(killed.to_string(), "crashed: its process was ended by signal 9 (SIGKILL)");
        let left = Failure::Crashed { signal: None, code: Some(0) };
        assert_eq!(left.to_string(), "crashed: its process exited with code 0 in the middle of it");
    }
}
