//! A process that runs one task.

use std::io;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::task::{Task, check_init, encode_call};
use super::worker::Worker;
use crate::failure::Failure;
use crate::timeline;

/// A child process that runs one task.
///
/// Dropping it without [`join`](Process::join) ends it.
#[derive(Debug)]
#[must_use = "a process that is dropped ends at once"]
pub struct Process<R> {
    worker: Worker,
    result: PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned + 'static> Process<R> {
    /// Starts a process that runs `task` on `input`, and returns without waiting for it.
    ///
    /// # Errors
    ///
    /// If [`init`](super::init) wasn't called, or not with this task; if the input can't be
    /// encoded; if the system can't start another process, or if this program already has 4096.
    pub fn spawn<A: Serialize + 'static>(task: &Task<A, R>, input: A) -> io::Result<Self> {
        let process = Process::spawn_untraced(task, input)?;
        timeline::show_process(process.pid());
        Ok(process)
    }

    /// Like [`spawn`](Process::spawn), but the process gets no row in the timeline: for one whose
    /// spans reach the picture in another way.
    ///
    /// # Errors
    ///
    /// The same as for [`spawn`](Process::spawn).
    pub fn spawn_untraced<A: Serialize + 'static>(task: &Task<A, R>, input: A) -> io::Result<Self> {
        check_init()?;
        let chunk = encode_call(task, &input).map_err(|failure| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("the task {failure}"))
        })?;
        let mut worker = Worker::spawn()?;
        worker.send(chunk.bytes());
        Ok(Process { worker, result: PhantomData })
    }

    /// The system's id of the process.
    pub fn pid(&self) -> u32 {
        self.worker.pid()
    }

    /// Ends the process at once, whatever it is doing. [`join`](Process::join) then returns
    /// [`Failure::Crashed`], unless the result was already there.
    pub fn kill(&mut self) {
        self.worker.kill();
    }

    /// Waits until the task has ended, and returns its result.
    ///
    /// # Errors
    ///
    /// If the task panicked, its process died, or the result can't be sent.
    pub fn join(mut self) -> Result<R, Failure> {
        if let Err(error) = self.worker.greet() {
            return Err(match self.worker.death() {
                killed @ Failure::Crashed { signal: Some(_), .. } => killed,
                _ => Failure::NoWorker { reason: error.to_string() },
            });
        }
        let Ok(result) = self.worker.outcome(None) else {
            return Err(self.worker.death());
        };
        self.worker.end();
        result
    }
}
