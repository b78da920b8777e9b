//! Results as they come: the iterator behind `map`, `imap` and `imap_unordered`.

use std::iter::{Fuse, FusedIterator};
use std::sync::Arc;
use std::vec;

use crossbeam::channel::{self, Receiver};

use super::outcome::{Outcome, TaskError};
use super::reply::{Batch, Caller, Reply};
use super::window::{Chunk, Order, Window};
use super::{Kind, Pool};
use crate::failure::Failure;
use crate::patience::stay_awake;
use crate::timeline::{self, Mark};

/// Results as they come, from [`imap`](super::ThreadPool::imap) or
/// [`imap_unordered`](super::ThreadPool::imap_unordered).
///
/// As every iterator it does nothing until the first result is asked for. Then it reads inputs each
/// time that it is asked, and never further ahead than the [window](Pool::window) allows: an endless
/// iterator is a fine input. The inputs are read on the caller's thread. While a result is ready at
/// most two chunks of them are read before it is handed out, so inputs that must be waited for delay
/// it by no more than that.
///
/// Dropping the results early cancels every task that has not started. Nobody waits for those that
/// run; they end by themselves. (What a worker process was sent, it does: a chunk, or as many short
/// tasks as make up a millisecond.)
#[must_use = "what has not started is cancelled when the results are dropped"]
pub struct Results<'p, K: Kind, I: Iterator, R> {
    pool: &'p Pool<K>,
    inputs: Fuse<I>,
    make_job: MakeJob<'p, I::Item, R, K::Job>,
    window: Window<Batch<R>>,
    /// What is left of the batch that is being handed out, and the task that comes next in it.
    values: vec::IntoIter<R>,
    failures: vec::IntoIter<TaskError>,
    task: usize,
    caller: Arc<Caller<R>>,
    replies: Receiver<(usize, Batch<R>)>,
}

/// Turns a chunk of inputs, and the way to answer for it, into what a lane pulls.
type MakeJob<'p, A, R, J> = Box<dyn Fn(Vec<A>, Reply<R>) -> J + 'p>;

impl<'p, K: Kind, I: Iterator, R> Results<'p, K, I, R> {
    /// Starts the work: `make_job` turns a chunk of inputs into what a lane of this kind pulls.
    pub(super) fn start(
        pool: &'p Pool<K>,
        (order, window, chunk): (Order, usize, Chunk),
        inputs: I,
        make_job: impl Fn(Vec<I::Item>, Reply<R>) -> K::Job + 'p,
    ) -> Self {
        let (sender, replies) = channel::unbounded(); // the window bounds it
        let caller = Arc::new(Caller::with_channel(sender));
        Results {
            pool,
            inputs: inputs.fuse(),
            make_job: Box::new(make_job),
            window: Window::new(order, window, chunk),
            values: Vec::new().into_iter(),
            failures: Vec::new().into_iter(),
            task: 0,
            caller,
            replies,
        }
    }

    /// Sends one chunk of inputs to the workers, if there is room in the window and an input left.
    fn send_chunk(&mut self) -> bool {
        let first = self.window.taken();
        let chunk: Vec<I::Item> = self.inputs.by_ref().take(self.window.room()).collect();
        if chunk.is_empty() {
            return false;
        }
        let tasks = chunk.len();
        if timeline::is_recording() {
            (first..first + tasks).for_each(|task| timeline::mark(Mark::Taken(task)));
        }
        let caller = Arc::clone(&self.caller);
        let mut reply = Reply::new(caller, self.window.sent(tasks), first, tasks);
        if self.pool.lanes.is_own_lane() {
            (0..tasks).for_each(|_| reply.push(Err(Failure::OwnPool)));
        } else {
            self.pool.lanes.send((self.make_job)(chunk, reply));
        }
        true
    }

    /// The next chunk of outcomes in order. Waits for it, and meanwhile keeps the workers busy. `None`
    /// when all have been handed out.
    fn next_batch(&mut self) -> Option<Batch<R>> {
        loop {
            while let Ok((number, batch)) = self.replies.try_recv() {
                self.window.arrived(number, batch);
            }
            if let Some(batch) = self.window.next_ready() {
                return Some(batch);
            }
            if self.send_chunk() {
                continue;
            }
            if !self.window.is_waiting() {
                return None;
            }
            // `self.caller` holds a sender, so the channel is open.
            let reply = stay_awake(|| self.replies.try_recv().ok());
            let (number, batch) = reply.or_else(|| self.replies.recv().ok())?;
            self.window.arrived(number, batch);
        }
    }

    /// Waits for all, and returns the values in order or the first failure.
    pub(super) fn into_values(mut self, capacity: usize) -> Outcome<Vec<R>> {
        let (mut values, mut first_failure) = (Vec::with_capacity(capacity), None);
        while let Some(mut batch) = self.next_batch() {
            values.append(&mut batch.values);
            first_failure = first_failure.or(batch.failures.into_iter().next());
        }
        first_failure.map_or(Ok(values), Err)
    }
}

impl<K: Kind, I: Iterator, R> Iterator for Results<'_, K, I, R> {
    type Item = Outcome<R>;

    fn next(&mut self) -> Option<Outcome<R>> {
        // What was handed out has left room. Two chunks, so that the window fills up in time.
        let _ = self.send_chunk() && self.send_chunk();
        loop {
            let failed =
                self.failures.as_slice().first().is_some_and(|error| error.task == self.task);
            let outcome =
                if failed { self.failures.next().map(Err) } else { self.values.next().map(Ok) };
            if outcome.is_some() {
                self.window.hand_out();
                timeline::mark(Mark::Yielded(self.task));
                self.task += 1;
                return outcome;
            }
            let batch = self.next_batch()?;
            self.task = batch.first;
            self.values = batch.values.into_iter();
            self.failures = batch.failures.into_iter();
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
        self.caller.leave();
    }
}
