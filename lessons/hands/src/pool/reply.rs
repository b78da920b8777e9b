//! How a worker answers for a chunk of tasks, no matter who waits for it.

use std::mem;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use super::outcome::{Outcome, TaskError};
use crate::failure::Failure;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::channel::Sender;
use crate::sync::{Condvar, Mutex, MutexGuard};

/// The one who waits for an answer.
pub(super) struct Caller<R> {
    is_gone: AtomicBool,
    mailbox: Mailbox<R>,
}

/// Where the answers go.
enum Mailbox<R> {
    /// A channel that many chunks share.
    Channel(Sender<(usize, Outcomes<R>)>),
    /// A place for the outcome of one task.
    Slot(Slot<R>),
}

impl<R> Caller<R> {
    /// A caller who reads results as they come.
    pub(super) fn with_channel(replies: Sender<(usize, Outcomes<R>)>) -> Self {
        Caller { is_gone: AtomicBool::new(false), mailbox: Mailbox::Channel(replies) }
    }

    /// A caller who will join one task at some time.
    pub(super) fn with_slot() -> Self {
        Caller { is_gone: AtomicBool::new(false), mailbox: Mailbox::Slot(Slot::default()) }
    }

    /// Notes that nobody waits any more.
    pub(super) fn leave(&self) {
        self.is_gone.store(true, Ordering::Relaxed);
    }

    /// The slot, if this caller has one.
    pub(super) fn slot(&self) -> Option<&Slot<R>> {
        match &self.mailbox {
            Mailbox::Channel(_) => None,
            Mailbox::Slot(slot) => Some(slot),
        }
    }

    fn receive(&self, number: usize, mut outcomes: Outcomes<R>) {
        match &self.mailbox {
            // If nobody reads them any more, nobody misses them.
            Mailbox::Channel(replies) => drop(replies.send((number, outcomes))),
            Mailbox::Slot(slot) => {
                let value = outcomes.values.pop().map(Ok);
                if let Some(outcome) = value.or_else(|| outcomes.failures.pop().map(Err)) {
                    slot.fill(outcome);
                }
            }
        }
    }
}

/// A place for one outcome, at which somebody may wait.
pub(super) struct Slot<R> {
    state: Mutex<State<R>>,
    filled: Condvar,
}

struct State<R> {
    outcome: Option<Outcome<R>>,
    /// Somebody who collects many slots, and wants this one's number once it is filled.
    collector: Option<(Sender<usize>, usize)>,
}

impl<R> Default for Slot<R> {
    fn default() -> Self {
        let state = State { outcome: None, collector: None };
        Slot { state: Mutex::new(state), filled: Condvar::new() }
    }
}

impl<R> Slot<R> {
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, outcome: Outcome<R>) {
        if mutant!("notify_before_fill") {
            self.filled.notify_all();
        }
        let mut state = self.lock();
        state.outcome = Some(outcome);
        if let Some((collector, number)) = state.collector.take() {
            let _ = collector.send(number); // the collector may be gone
        }
        drop(state);
        if mutant!("fill_without_notify", "notify_before_fill") {
            return;
        }
        self.filled.notify_all();
    }

    /// Whether the outcome is there.
    pub(super) fn is_full(&self) -> bool {
        self.lock().outcome.is_some()
    }

    /// Waits for the outcome, until `deadline` at most, and takes it.
    pub(super) fn take(&self, deadline: Option<Instant>) -> Option<Outcome<R>> {
        let mut state = self.lock();
        loop {
            if let Some(outcome) = state.outcome.take() {
                return Some(outcome);
            }
            state = match deadline {
                None => self.filled.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let left = at.checked_duration_since(Instant::now())?;
                    self.filled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Sends `number` to `collector` as soon as the outcome is there.
    pub(super) fn tell(&self, collector: &Sender<usize>, number: usize) {
        if mutant!("tell_looks_too_early") && !self.is_full() {
            self.lock().collector = Some((collector.clone(), number));
            return;
        }
        let mut state = self.lock();
        if state.outcome.is_some() && !mutant!("tell_without_a_look") {
            let _ = collector.send(number);
        } else {
            state.collector = Some((collector.clone(), number));
        }
    }
}

/// The outcomes of one chunk: the values of the tasks that succeeded, in order, and the failures of
/// the others. They are kept apart because failures are large and rare.
#[derive(Debug)]
pub(super) struct Outcomes<R> {
    /// The number of the first task.
    pub(super) first: usize,
    pub(super) values: Vec<R>,
    pub(super) failures: Vec<TaskError>,
}

/// A worker's answer for one chunk. It is sent when it is dropped, whatever has happened: tasks
/// without an outcome by then were cancelled.
pub(super) struct Reply<R> {
    number: usize,
    tasks: usize,
    outcomes: Outcomes<R>,
    caller: Arc<Caller<R>>,
}

impl<R> Reply<R> {
    /// An answer for chunk `number`, which has this many `tasks`, beginning with task `first`.
    pub(super) fn new(caller: Arc<Caller<R>>, number: usize, first: usize, tasks: usize) -> Self {
        let outcomes = Outcomes { first, values: Vec::with_capacity(tasks), failures: Vec::new() };
        Reply { number, tasks, outcomes, caller }
    }

    /// How many tasks have an outcome.
    pub(super) fn done(&self) -> usize {
        self.outcomes.values.len() + self.outcomes.failures.len()
    }

    /// The number of the task whose outcome comes next.
    pub(super) fn next_task(&self) -> usize {
        self.outcomes.first + self.done()
    }

    /// Whether anybody still waits for this answer.
    pub(super) fn is_wanted(&self) -> bool {
        !self.caller.is_gone.load(Ordering::Relaxed)
    }

    /// Notes how the next task ended.
    pub(super) fn push(&mut self, result: Result<R, Failure>) {
        match result {
            Ok(value) => self.outcomes.values.push(value),
            Err(failure) => {
                self.outcomes.failures.push(TaskError { task: self.next_task(), failure })
            }
        }
    }
}

impl<R> Drop for Reply<R> {
    fn drop(&mut self) {
        if mutant!("cancelled_without_answer") && self.done() < self.tasks {
            return;
        }
        while self.done() < self.tasks {
            self.push(Err(Failure::Cancelled));
        }
        let outcomes = Outcomes {
            first: self.outcomes.first,
            values: mem::take(&mut self.outcomes.values),
            failures: mem::take(&mut self.outcomes.failures),
        };
        self.caller.receive(self.number, outcomes);
    }
}
