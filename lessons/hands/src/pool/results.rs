//! Results as they come: the iterator behind `map`, `imap` and `imap_unordered`.

use std::iter::{Fuse, FusedIterator};
use std::sync::Arc;
use std::vec;

use super::generic::{Kind, Pool};
use super::outcome::{Outcome, TaskError};
use super::reply::{Caller, Outcomes, Reply};
use super::window::Window;
use crate::cancel::Token;
use crate::failure::Failure;
use crate::patience::stay_awake;
use crate::sync::channel::{self, Receiver};
use crate::timeline::{self, Mark};

/// Results as they come, from [`imap`](super::ThreadPool::imap) or
/// [`imap_unordered`](super::ThreadPool::imap_unordered).
///
/// Like any iterator, this does nothing until you ask for the first result. Each time you ask, it
/// reads inputs on your thread, but never further ahead than the [window](Pool::window) allows, so
/// an endless iterator is a fine input. While a result is ready, it reads at most two chunks of
/// inputs before it hands the result out, so slow inputs delay it by no more than that.
///
/// Dropping the results early cancels every task that hasn't started, tells those that run by their
/// [token](crate::cancel::current), and doesn't wait for them. If the call's own
/// [token](Pool::token) is cancelled, no more inputs are read, and the results end with those of
/// the inputs that had been.
#[must_use = "tasks that have not started are cancelled when the results are dropped"]
pub struct Results<'p, K: Kind, I: Iterator, R> {
    pool: &'p Pool<K>,
    inputs: Fuse<I>,
    make_chunk: MakeChunk<'p, I::Item, R, K::Chunk>,
    window: Window<Outcomes<R>>,
    /// The rest of the chunk that is being handed out, and the number of the task that comes next.
    values: vec::IntoIter<R>,
    failures: vec::IntoIter<TaskError>,
    task: usize,
    caller: Arc<Caller<R>>,
    replies: Receiver<(usize, Outcomes<R>)>,
}

/// Turns inputs, and the reply for them, into what a lane pulls.
type MakeChunk<'p, A, R, C> = Box<dyn Fn(Vec<A>, Reply<R>) -> C + 'p>;

impl<'p, K: Kind, I: Iterator, R> Results<'p, K, I, R> {
    /// Prepares everything. `make_chunk` turns inputs into what a lane of this kind pulls.
    pub(super) fn start(
        pool: &'p Pool<K>,
        token: Token,
        window: Window<Outcomes<R>>,
        inputs: I,
        make_chunk: impl Fn(Vec<I::Item>, Reply<R>) -> K::Chunk + 'p,
    ) -> Self {
        let wake = pool.kind.watch(&token);
        let (sender, replies) = channel::unbounded(); // the window bounds it
        let caller = Arc::new(Caller::with_channel(token, wake, sender));
        Results {
            pool,
            inputs: inputs.fuse(),
            make_chunk: Box::new(make_chunk),
            window,
            values: Vec::new().into_iter(),
            failures: Vec::new().into_iter(),
            task: 0,
            caller,
            replies,
        }
    }

    /// Sends one chunk of inputs to the workers, if there is room in the window and an input left.
    fn send_chunk(&mut self) -> bool {
        if self.window.is_bounded() && self.caller.is_cancelled() {
            return false; // there may be no end of inputs
        }
        let first = self.window.taken();
        let inputs: Vec<I::Item> = self.inputs.by_ref().take(self.window.room()).collect();
        if inputs.is_empty() {
            return false;
        }
        let tasks = inputs.len();
        if timeline::is_recording() {
            (first..first + tasks).for_each(|task| timeline::mark(Mark::Taken(task)));
        }
        let caller = Arc::clone(&self.caller);
        let mut reply = Reply::new(caller, self.window.sent(tasks), first, tasks);
        if self.pool.lanes.is_own_lane() {
            (0..tasks).for_each(|_| reply.push(Err(Failure::OwnPool)));
        } else {
            self.pool.lanes.send((self.make_chunk)(inputs, reply));
        }
        true
    }

    /// Cancels the other tasks as soon as one fails or returns what `is_failure` says is one. To be
    /// called before anything has been sent.
    pub(super) fn fail_fast(mut self, is_failure: fn(&R) -> bool) -> Self {
        if let Some(caller) = Arc::get_mut(&mut self.caller) {
            caller.fail_fast(is_failure);
        }
        self
    }

    /// The task whose failure has cancelled the others.
    pub(super) fn first_failure(&self) -> Option<usize> {
        self.caller.first_failure()
    }

    /// The outcomes of the next chunk in order. Keeps the workers busy while it waits for them.
    /// `None` means that all were handed out.
    pub(super) fn next_chunk(&mut self) -> Option<Outcomes<R>> {
        loop {
            while let Ok((number, outcomes)) = self.replies.try_recv() {
                self.window.arrived(number, outcomes);
            }
            if let Some(outcomes) = self.window.next_ready() {
                return Some(outcomes);
            }
            if self.send_chunk() {
                continue;
            }
            if !self.window.is_waiting() {
                return None;
            }
            // The channel is open, because `self.caller` holds a sender.
            let reply = stay_awake(|| self.replies.try_recv().ok());
            let (number, outcomes) = reply.or_else(|| self.replies.recv().ok())?;
            self.window.arrived(number, outcomes);
        }
    }

    /// Waits for all tasks, and returns the values in order or the first failure.
    pub(super) fn into_values(mut self, capacity: usize) -> Outcome<Vec<R>> {
        let (mut values, mut first_failure) = (Vec::with_capacity(capacity), None);
        while let Some(mut outcomes) = self.next_chunk() {
            values.append(&mut outcomes.values);
            first_failure = first_failure.or(outcomes.failures.into_iter().next());
        }
        first_failure.map_or(Ok(values), Err)
    }
}

impl<K: Kind, I: Iterator, R> Iterator for Results<'_, K, I, R> {
    type Item = Outcome<R>;

    fn next(&mut self) -> Option<Outcome<R>> {
        // The last result has left room. Two chunks for each result, so that the window fills up.
        if self.send_chunk() {
            self.send_chunk();
        }
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
            let outcomes = self.next_chunk()?;
            self.task = outcomes.first;
            self.values = outcomes.values.into_iter();
            self.failures = outcomes.failures.into_iter();
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
        if self.window.is_waiting() {
            self.caller.leave();
        }
    }
}
