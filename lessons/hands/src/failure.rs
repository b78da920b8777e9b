//! Why a task did not run to its end.

use std::time::Duration;

use crate::panics::Panicked;

/// Why a task did not run to its end. The same on threads and in processes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The task panicked. Its worker lives on.
    #[error(transparent)]
    Panicked(#[from] Panicked),
    /// The process that ran the task died: it was killed, it aborted, it called `exit`. Of signal and
    /// exit code there is exactly one, unless the system could not say.
    #[error("crashed: its process {}", how_it_died(*.signal, *.code))]
    Crashed {
        /// The signal that ended the process: 9 after `kill -9`, 11 after a segmentation fault.
        signal: Option<i32>,
        /// The code it exited with.
        code: Option<i32>,
    },
    /// The task ran for longer than it may, and its process was killed.
    #[error("timed out: it ran for more than {} second(s)", .limit.as_secs_f64())]
    TimedOut {
        /// How long a task may run.
        limit: Duration,
    },
    /// An input or a result could not be turned into bytes or back, or is too long to be sent.
    #[error("could not be sent: {reason}")]
    Codec {
        /// What is wrong with the value.
        reason: String,
    },
    /// Nobody waits for the task any more: the results were dropped, its handle was cancelled, or the
    /// pool has ended.
    #[error("was cancelled")]
    Cancelled,
    /// A task of a pool asked that same pool for workers. With every worker waiting for another this
    /// would never end. Use a second pool inside the task, or submit the work from outside. (A detour,
    /// where a task of the second pool calls the first again, is not noticed.)
    #[error(
        "was refused: it came from a task of the same pool, which could wait for ever; use a second pool"
    )]
    OwnPool,
    /// The task is not among those that `init` was given.
    #[error(
        "was refused: no task {name:?} of this type is registered; \
         begin main with hands::process::init(&[…]) and name it there"
    )]
    Unregistered {
        /// What the task is called.
        name: &'static str,
    },
    /// No process could be started to run the task.
    #[error("was not started: {reason}")]
    NoWorker {
        /// What the system said, or the initializer.
        reason: String,
    },
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

/// The names of the signals that end programs, where they are the same on every Unix.
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
