//! How a worker answers for a chunk of tasks, whoever has asked.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crossbeam::channel::Sender;

use super::outcome::{Outcome, TaskError};
use crate::failure::Failure;

/// Whoever waits for an answer.
pub(super) struct Caller<R> {
    gone: AtomicBool,
    ear: Ear<R>,
}

/// How the answer reaches the caller.
enum Ear<R> {
    /// A channel that many chunks share.
    Channel(Sender<(usize, Batch<R>)>),
    /// A place for the outcome of one task.
    Slot(Slot<R>),
}

impl<R> Caller<R> {
    /// For results that are read as they come.
    pub(super) fn with_channel(replies: Sender<(usize, Batch<R>)>) -> Self {
        Caller { gone: AtomicBool::new(false), ear: Ear::Channel(replies) }
    }

    /// For one task that is joined some time.
    pub(super) fn with_slot() -> Self {
        Caller { gone: AtomicBool::new(false), ear: Ear::Slot(Slot::default()) }
    }

    /// Nobody wants to know any more.
    pub(super) fn leave(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    /// The place for the outcome of one task, if that is what there is.
    pub(super) fn slot(&self) -> Option<&Slot<R>> {
        match &self.ear {
            Ear::Channel(_) => None,
            Ear::Slot(slot) => Some(slot),
        }
    }

    fn hear(&self, number: usize, mut batch: Batch<R>) {
        match &self.ear {
            // If nobody listens any more, nobody misses it.
            Ear::Channel(replies) => drop(replies.send((number, batch))),
            Ear::Slot(slot) => {
                let value = batch.values.pop().map(Ok);
                if let Some(outcome) = value.or_else(|| batch.failures.pop().map(Err)) {
                    slot.fill(outcome);
                }
            }
        }
    }
}

/// A place for one outcome, where somebody may wait for it.
pub(super) struct Slot<R> {
    state: Mutex<State<R>>,
    filled: Condvar,
}

enum State<R> {
    /// Nothing yet. Whoever collects many slots is told that this one, of such a number, is filled.
    Empty(Option<(Sender<usize>, usize)>),
    Full(Outcome<R>),
    Taken,
}

impl<R> Default for Slot<R> {
    fn default() -> Self {
        Slot { state: Mutex::new(State::Empty(None)), filled: Condvar::new() }
    }
}

impl<R> Slot<R> {
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, outcome: Outcome<R>) {
        let before = mem::replace(&mut *self.lock(), State::Full(outcome));
        if let State::Empty(Some((collector, number))) = before {
            let _ = collector.send(number); // unless it has lost interest
        }
        self.filled.notify_all();
    }

    /// Whether the outcome is there.
    pub(super) fn is_full(&self) -> bool {
        matches!(*self.lock(), State::Full(_))
    }

    /// Waits for the outcome until `deadline`, and takes it.
    pub(super) fn take(&self, deadline: Option<Instant>) -> Option<Outcome<R>> {
        let mut state = self.lock();
        while matches!(*state, State::Empty(_)) {
            state = match deadline {
                None => self.filled.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let left = at.checked_duration_since(Instant::now())?;
                    self.filled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        match mem::replace(&mut *state, State::Taken) {
            State::Full(outcome) => Some(outcome),
            State::Empty(_) | State::Taken => None,
        }
    }

    /// Sends `number` to `collector` as soon as the outcome is there.
    pub(super) fn tell(&self, collector: &Sender<usize>, number: usize) {
        let mut state = self.lock();
        match &mut *state {
            State::Empty(told) => *told = Some((collector.clone(), number)),
            State::Full(_) | State::Taken => drop(collector.send(number)),
        }
    }
}

/// The outcomes of one chunk: the values of the tasks that ended well, in order, and the failures of
/// the others. Kept apart, because failures are large and rare.
#[derive(Debug)]
pub(super) struct Batch<R> {
    /// The number of the first task.
    pub(super) first: usize,
    pub(super) values: Vec<R>,
    pub(super) failures: Vec<TaskError>,
}

/// A worker's way to answer for one chunk. It answers when it is dropped, whatever happened: tasks
/// that have no outcome by then were cancelled.
pub(super) struct Reply<R> {
    number: usize,
    tasks: usize,
    batch: Batch<R>,
    caller: Arc<Caller<R>>,
}

impl<R> Reply<R> {
    /// For chunk `number`, which has so many `tasks` from number `first` on.
    pub(super) fn new(caller: Arc<Caller<R>>, number: usize, first: usize, tasks: usize) -> Self {
        let batch = Batch { first, values: Vec::with_capacity(tasks), failures: Vec::new() };
        Reply { number, tasks, batch, caller }
    }

    /// How many tasks have an outcome.
    pub(super) fn done(&self) -> usize {
        self.batch.values.len() + self.batch.failures.len()
    }

    /// The number of the task whose outcome comes next.
    pub(super) fn next_task(&self) -> usize {
        self.batch.first + self.done()
    }

    /// Whether somebody still waits for this answer.
    pub(super) fn is_wanted(&self) -> bool {
        !self.caller.gone.load(Ordering::Relaxed)
    }

    /// Notes how the next task ended.
    pub(super) fn push(&mut self, result: Result<R, Failure>) {
        match result {
            Ok(value) => self.batch.values.push(value),
            Err(failure) => self.batch.failures.push(TaskError { task: self.next_task(), failure }),
        }
    }
}

impl<R> Drop for Reply<R> {
    fn drop(&mut self) {
        while self.done() < self.tasks {
            self.push(Err(Failure::Cancelled));
        }
        let batch = Batch {
            first: self.batch.first,
            values: mem::take(&mut self.batch.values),
            failures: mem::take(&mut self.batch.failures),
        };
        self.caller.hear(self.number, batch);
    }
}
