//! The lane of one worker process: keeps the process busy, and replaces it when it is gone.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{io, iter, thread};

use crossbeam::channel::Sender;

use super::chunk::Chunk;
use super::shared::Shared;
use super::worker::PoolWorker;
use crate::failure::Failure;
use crate::pool::lanes::Lane;

/// If a worker can't be started, it is tried again after each of these pauses.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];

/// Keeps one worker process.
pub(super) struct Keeper {
    pub(super) shared: Arc<Shared>,
    pub(super) worker: Option<PoolWorker>,
}

impl Keeper {
    /// Runs chunk after chunk, until the queue is closed and empty. Hangs up on `ready` when the
    /// worker has started, or sends it the reason why it hasn't.
    pub(super) fn run(mut self, lane: Lane<Chunk>, ready: Sender<io::Error>) {
        lane.settle();
        if lane.is_stopped() {
            return; // another worker couldn't be started, and the pool gives up
        }
        match PoolWorker::start(&lane.name(), &self.shared) {
            Ok(worker) => self.worker = Some(worker),
            Err(e) => {
                let message = format!("{} cannot be started: {e}", lane.name());
                let _ = ready.send(io::Error::new(e.kind(), message));
                return;
            }
        }
        drop(ready);
        while let Some(chunk) = lane.next() {
            if lane.is_stopped() || !chunk.is_wanted() {
                chunk.dismiss();
                continue;
            }
            match self.take_worker(&lane) {
                // It was cancelled while a worker started, who hasn't heard the bell.
                Ok(worker) if !chunk.is_wanted() => {
                    self.worker = Some(worker);
                    chunk.dismiss();
                }
                Ok(worker) => self.run_with(worker, chunk, &lane),
                Err(error) => return self.give_up(&error, chunk, &lane),
            }
        }
        if let Some(worker) = self.worker
            && !self.shared.is_terminated()
        {
            worker.end(); // if the pool was told to terminate, dropping it kills it
        }
    }

    /// A worker that is alive, as far as anyone can tell.
    fn take_worker(&mut self, lane: &Lane<Chunk>) -> io::Result<PoolWorker> {
        if let Some(worker) = self.worker.take()
            && worker.is_alive()
        {
            return Ok(worker);
        }
        let mut pauses = PAUSES.iter();
        loop {
            match (PoolWorker::start(&lane.name(), &self.shared), pauses.next()) {
                (Err(_), Some(pause)) => thread::sleep(*pause),
                (result, _) => return result,
            }
        }
    }

    /// Runs the chunk, and more while there are any, and keeps the worker if it is still of use.
    fn run_with(&mut self, mut worker: PoolWorker, chunk: Chunk, lane: &Lane<Chunk>) {
        worker.send(chunk);
        match worker.work_off(lane, &self.shared) {
            Ok(()) if worker.is_worn_out() => worker.end(),
            Ok(()) => self.worker = Some(worker),
            Err(lost) => worker.give_up(lost, lane, &self.shared.options),
        }
    }

    /// No worker can be started. The other keepers go on, and the last one tells everybody why
    /// nothing can be done any more.
    fn give_up(&self, error: &io::Error, chunk: Chunk, lane: &Lane<Chunk>) {
        if self.shared.healthy.fetch_sub(1, Ordering::Relaxed) > 1 {
            return lane.give_back(chunk);
        }
        let failure = Failure::NoWorker { reason: error.to_string() };
        for mut chunk in iter::once(chunk).chain(iter::from_fn(|| lane.next())) {
            chunk.fail_all(&failure);
            chunk.dismiss();
        }
    }
}
