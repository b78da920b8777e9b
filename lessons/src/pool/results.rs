//! Results as they come: the iterator behind `map`, `imap` and `imap_unordered`.

use std::iter::{Fuse, FusedIterator};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::vec;

use crossbeam::channel::{self, Receiver, Sender};

use super::outcome::{Failure, Outcome, TaskError};
use super::window::{Order, Window};
use super::{Kind, Pool};
use crate::timeline::{self, Mark};

/// Results as they come, from [`imap`](super::ThreadPool::imap) or
/// [`imap_unordered`](super::ThreadPool::imap_unordered).
///
/// The workers start at once. The inputs are read as far ahead as the [window](Pool::window) allows,
/// and no further: an endless iterator is a fine input.
///
/// Dropping the results early cancels every task that has not started. Nobody waits for those that
/// run; they end by themselves.
#[must_use = "what has not started is cancelled when the results are dropped"]
pub struct Results<'p, K: Kind, I: Iterator, R> {
    pool: &'p Pool<K>,
    inputs: Fuse<I>,
    make_job: MakeJob<'p, I::Item, R, K::Job>,
    window: Window<Batch<R>>,
    /// The batch that is being handed out.
    current: vec::IntoIter<Outcome<R>>,
    /// The task that `current` yields next.
    task: usize,
    caller: Arc<Caller<R>>,
    replies: Receiver<(usize, Batch<R>)>,
}

/// Turns a chunk of inputs, and the way to answer for it, into what a lane pulls.
type MakeJob<'p, A, R, J> = Box<dyn Fn(Vec<A>, Reply<R>) -> J + 'p>;

/// The outcomes of one chunk.
pub(super) struct Batch<R> {
    first: usize,
    outcomes: Vec<Outcome<R>>,
}

/// What workers need to know of whoever waits for the results.
struct Caller<R> {
    replies: Sender<(usize, Batch<R>)>,
    gone: AtomicBool,
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
    /// The number of the task whose outcome comes next.
    pub(super) fn next_task(&self) -> usize {
        self.batch.first + self.batch.outcomes.len()
    }

    /// Whether somebody still waits for this answer.
    pub(super) fn is_wanted(&self) -> bool {
        !self.caller.gone.load(Ordering::Relaxed)
    }

    pub(super) fn push(&mut self, result: Result<R, Failure>) {
        let task = self.next_task();
        self.batch.outcomes.push(result.map_err(|failure| TaskError { task, failure }));
    }
}

impl<R> Drop for Reply<R> {
    fn drop(&mut self) {
        while self.batch.outcomes.len() < self.tasks {
            self.push(Err(Failure::Cancelled));
        }
        let batch =
            Batch { first: self.batch.first, outcomes: std::mem::take(&mut self.batch.outcomes) };
        // If nobody listens any more, nobody misses it.
        let _ = self.caller.replies.send((self.number, batch));
    }
}

impl<'p, K: Kind, I: Iterator, R> Results<'p, K, I, R> {
    /// Starts the work: `make_job` turns a chunk of inputs into what a lane of this kind pulls.
    pub(super) fn start(
        pool: &'p Pool<K>,
        (order, window, chunk): (Order, usize, usize),
        inputs: I,
        make_job: impl Fn(Vec<I::Item>, Reply<R>) -> K::Job + 'p,
    ) -> Self {
        let (sender, replies) = channel::unbounded(); // the window bounds it
        let caller = Arc::new(Caller { replies: sender, gone: AtomicBool::new(false) });
        let mut results = Results {
            pool,
            inputs: inputs.fuse(),
            make_job: Box::new(make_job),
            window: Window::new(order, window, chunk),
            current: Vec::new().into_iter(),
            task: 0,
            caller,
            replies,
        };
        results.fill();
        results
    }

    /// Sends chunks of inputs to the workers while there is room in the window.
    fn fill(&mut self) {
        while let room @ 1.. = self.window.room() {
            let first = self.window.taken();
            let chunk: Vec<I::Item> = self.inputs.by_ref().take(room).collect();
            if chunk.is_empty() {
                return;
            }
            let tasks = chunk.len();
            if timeline::is_recording() {
                (first..first + tasks).for_each(|task| timeline::mark(Mark::Taken(task)));
            }
            let batch = Batch { first, outcomes: Vec::with_capacity(tasks) };
            let mut reply = Reply {
                number: self.window.sent(tasks),
                tasks,
                batch,
                caller: Arc::clone(&self.caller),
            };
            if self.pool.lanes.is_own_lane() {
                (0..tasks).for_each(|_| reply.push(Err(Failure::OwnPool)));
            } else {
                self.pool.lanes.send((self.make_job)(chunk, reply));
            }
        }
    }

    /// The next chunk of outcomes in order. Waits for it. `None` when all have been handed out.
    fn next_batch(&mut self) -> Option<Batch<R>> {
        loop {
            if let Some(batch) = self.window.next_ready() {
                return Some(batch);
            }
            if !self.window.is_waiting() {
                return None;
            }
            // `self.caller` holds a sender, so the channel is open.
            let (number, batch) = self.replies.recv().ok()?;
            self.window.arrived(number, batch);
        }
    }

    /// Waits for all, and returns the values in order or the first failure.
    pub(super) fn into_values(mut self, capacity: usize) -> Outcome<Vec<R>> {
        let mut values = Ok(Vec::with_capacity(capacity));
        while let Some(batch) = self.next_batch() {
            for outcome in batch.outcomes {
                match (&mut values, outcome) {
                    (Ok(values), Ok(value)) => values.push(value),
                    (Ok(_), Err(error)) => values = Err(error),
                    (Err(_), _) => {}
                }
            }
        }
        values
    }
}

impl<K: Kind, I: Iterator, R> Iterator for Results<'_, K, I, R> {
    type Item = Outcome<R>;

    fn next(&mut self) -> Option<Outcome<R>> {
        loop {
            self.fill();
            if let Some(outcome) = self.current.next() {
                self.window.hand_out();
                timeline::mark(Mark::Yielded(self.task));
                self.task += 1;
                return Some(outcome);
            }
            let batch = self.next_batch()?;
            self.task = batch.first;
            self.current = batch.outcomes.into_iter();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let sent = self.window.taken() - self.window.handed_out();
        let (low, high) = self.inputs.size_hint();
        (low.saturating_add(sent), high.and_then(|high| high.checked_add(sent)))
    }
}

impl<K: Kind, I: Iterator, R> FusedIterator for Results<'_, K, I, R> {}

impl<K: Kind, I: Iterator, R> Drop for Results<'_, K, I, R> {
    fn drop(&mut self) {
        self.caller.gone.store(true, Ordering::Relaxed);
    }
}
