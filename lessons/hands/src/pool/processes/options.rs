//! What a builder can be told about worker processes.

use std::fmt::Display;
use std::io;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::process::{self, EncodedChunk, Lost, Task, Worker};

/// What happens to the task that a worker process was running when it died.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnCrash {
    /// It fails, as [`Failure::Crashed`]: it ran at most once.
    #[default]
    Fail,
    /// It is run again, up to this many times, and only then fails. It must be safe to run twice.
    Retry(u32),
}

/// How workers are started, and how long they are kept.
#[derive(Debug)]
pub struct Options {
    /// An error if its input can't be sent.
    pub(super) initializer: Option<Result<Initializer, Failure>>,
    pub(super) max_tasks: Option<usize>,
    pub(super) task_timeout: Option<Duration>,
    pub(super) on_crash: OnCrash,
    /// How long a task may go on after it was cancelled.
    pub(super) grace: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            initializer: None,
            max_tasks: None,
            task_timeout: None,
            on_crash: OnCrash::Fail,
            grace: Duration::from_secs(1),
        }
    }
}

/// A task that each worker runs before any other.
#[derive(Debug)]
pub(super) struct Initializer {
    input: EncodedChunk,
    /// Waits for its outcome, and turns its error into text.
    outcome: fn(&mut Worker, Option<Instant>) -> Result<Initialized, Lost>,
}

/// What the task returned, unless it failed.
type Initialized = Result<Result<(), String>, Failure>;

impl Initializer {
    pub(super) fn new<A, E>(task: &Task<A, Result<(), E>>, input: &A) -> Result<Self, Failure>
    where
        A: Serialize + 'static,
        E: Display + DeserializeOwned + 'static,
    {
        Ok(Initializer { input: process::encode_call(task, input)?, outcome: outcome::<E> })
    }

    /// Runs the initializer in a new worker.
    pub(super) fn run(&self, worker: &mut Worker, limit: Option<Duration>) -> io::Result<()> {
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        worker.send(self.input.bytes());
        let failure = match (self.outcome)(worker, deadline) {
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(reason))) => {
                return Err(io::Error::other(format!("its initializer failed: {reason}")));
            }
            Ok(Err(failure)) => failure,
            Err(Lost::Overdue) => Failure::TimedOut { limit: limit.unwrap_or_default() },
            Err(_) => worker.death(),
        };
        Err(io::Error::other(format!("its initializer {failure}")))
    }
}

fn outcome<E: Display + DeserializeOwned>(
    worker: &mut Worker,
    deadline: Option<Instant>,
) -> Result<Initialized, Lost> {
    let outcome = worker.outcome::<Result<(), E>>(deadline)?;
    Ok(outcome.map(|returned| returned.map_err(|error| error.to_string())))
}
