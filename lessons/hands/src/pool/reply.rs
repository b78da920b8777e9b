//! How a worker answers for a chunk of tasks, no matter who waits for it.

use std::mem;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Instant;

use super::generic::Wake;
use super::outcome::{Outcome, TaskError};
use crate::cancel::Token;
use crate::failure::Failure;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::channel::Sender;
use crate::sync::{Condvar, Mutex, MutexGuard};

/// The one who waits for an answer.
pub(super) struct Caller<R> {
    /// Cancelled when the tasks are no longer wanted.
    token: Token,
    /// Whether nobody will ever look at the outcomes.
    is_gone: AtomicBool,
    /// Wakes those who serve the workers, after the token was cancelled here.
    wake: Option<Wake>,
    fail_fast: Option<FailFast<R>>,
    mailbox: Mailbox<R>,
}

/// The first failure cancels all other tasks.
struct FailFast<R> {
    is_failure: fn(&R) -> bool,
    /// The task that failed first.
    first: OnceLock<usize>,
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
    pub(super) fn with_channel(
        token: Token,
        wake: Option<Wake>,
        replies: Sender<(usize, Outcomes<R>)>,
    ) -> Self {
        Caller::new(token, wake, Mailbox::Channel(replies))
    }

    /// A caller who will join one task at some time.
    pub(super) fn with_slot(token: Token, wake: Option<Wake>) -> Self {
        Caller::new(token, wake, Mailbox::Slot(Slot::default()))
    }

    fn new(token: Token, wake: Option<Wake>, mailbox: Mailbox<R>) -> Self {
        Caller { token, is_gone: AtomicBool::new(false), wake, fail_fast: None, mailbox }
    }

    /// Cancels the other tasks as soon as one fails or returns what `is_failure` says is one.
    pub(super) fn fail_fast(&mut self, is_failure: fn(&R) -> bool) {
        self.fail_fast = Some(FailFast { is_failure, first: OnceLock::new() });
    }

    /// The task that failed first, if the others were cancelled for it.
    pub(super) fn first_failure(&self) -> Option<usize> {
        self.fail_fast.as_ref().and_then(|fail_fast| fail_fast.first.get().copied())
    }

    /// Whether the tasks were cancelled.
    pub(super) fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Cancels the tasks. Somebody still waits until they have ended.
    pub(super) fn cancel(&self) {
        self.token.cancel();
        self.wake.iter().for_each(|wake| wake());
    }

    /// Cancels the tasks, and notes that nobody waits for their end.
    pub(super) fn leave(&self) {
        self.is_gone.store(true, Ordering::Relaxed);
        self.cancel();
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
        let mut state = self.lock();
        state.outcome = Some(outcome);
        if let Some((collector, number)) = state.collector.take() {
            let _ = collector.send(number); // the collector may be gone
        }
        drop(state);
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
        let mut state = self.lock();
        if state.outcome.is_some() {
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

impl<R> Outcomes<R> {
    /// How each task ended, in the order of the tasks.
    pub(super) fn into_each(self) -> impl Iterator<Item = Outcome<R>> {
        let (mut values, mut failures) =
            (self.values.into_iter(), self.failures.into_iter().peekable());
        (self.first..).map_while(move |task| match failures.next_if(|error| error.task == task) {
            Some(error) => Some(Err(error)),
            None => values.next().map(Ok),
        })
    }
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

    /// Cancelled when the tasks are no longer wanted.
    pub(super) fn token(&self) -> &Token {
        &self.caller.token
    }

    /// Whether the tasks haven't been cancelled.
    pub(super) fn is_wanted(&self) -> bool {
        !self.caller.is_cancelled()
    }

    /// Whether somebody waits until the tasks have ended, or may do so.
    #[cfg(unix)]
    pub(super) fn is_awaited(&self) -> bool {
        !self.caller.is_gone.load(Ordering::Relaxed)
    }

    /// Notes how the next task ended.
    pub(super) fn push(&mut self, result: Result<R, Failure>) {
        if let Some(FailFast { is_failure, first }) = &self.caller.fail_fast
            && result.as_ref().map_or_else(|failure| *failure != Failure::Cancelled, is_failure)
            && first.set(self.next_task()).is_ok()
        {
            self.caller.cancel();
        }
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
