//! Tasks submitted one by one, each with a handle to join it by.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::call::Call;
use super::generic::Kind;
use super::lanes::LanesId;
use super::outcome::{Outcome, TaskError};
use super::reply::{Caller, Reply, Slot};
use crate::failure::Failure;
use crate::sync::atomic::Ordering;
use crate::sync::channel::{self, Receiver};

/// A task that was submitted, and the way to its outcome: Python's `Future`. It has nothing to do
/// with Rust's `Future`, because the task runs whether or not anybody asks for it.
///
/// If you drop the handle, the task goes on and its outcome is lost.
pub struct Handle<R> {
    caller: Arc<Caller<R>>,
    task: usize,
    lanes: LanesId,
}

impl<R> Handle<R> {
    /// The number of the task, as in a [`TaskError`]: how many were submitted to the pool before
    /// it.
    pub fn task(&self) -> usize {
        self.task
    }

    /// Whether the outcome is there, so that [`join`](Handle::join) would not wait.
    pub fn is_finished(&self) -> bool {
        self.slot().is_full()
    }

    /// Cancels the task, and returns at once. If it hasn't started, it never will, and its outcome
    /// is [`Failure::Cancelled`].
    ///
    /// If it runs, it is told so: its [token](crate::cancel::current) is cancelled, and what it
    /// returns is its outcome. A task in a worker process that doesn't return within a
    /// [grace period](super::Builder::grace) is killed, and has been cancelled then. A task in a
    /// thread can't be killed.
    ///
    /// ```
    /// use hands::cancel::{self, Cancelled};
    /// use hands::pool::{Failure, ThreadPool};
    /// use std::time::Duration;
    ///
    /// let hour = Duration::from_secs(3600);
    /// let pool = ThreadPool::new(1)?;
    /// let sleeper = pool.submit(|hour| cancel::current().sleep(hour), hour);
    /// let waiting = pool.submit(std::thread::sleep, hour);
    /// waiting.cancel();
    /// sleeper.cancel();
    /// assert_eq!(waiting.join().unwrap_err().failure, Failure::Cancelled);
    /// match sleeper.join() {
    ///     Ok(slept) => assert_eq!(slept, Err(Cancelled::Asked)),
    ///     Err(error) => println!("it hadn't even begun: {error}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cancel(&self) {
        self.caller.cancel();
    }

    /// Waits until the task has ended.
    ///
    /// # Errors
    ///
    /// If the task didn't run to its end, or if this would wait and is called from a task of the
    /// same pool.
    pub fn join(self) -> Outcome<R> {
        self.wait(None).unwrap_or_else(|| self.refused())
    }

    /// Waits until the task has ended, but no longer than `limit`.
    ///
    /// # Errors
    ///
    /// The handle, if the task hasn't ended by then. It goes on.
    pub fn join_timeout(self, limit: Duration) -> Result<Outcome<R>, Self> {
        // If the clock can't represent the deadline, nobody will live to see it.
        let deadline = Instant::now().checked_add(limit);
        self.wait(deadline).ok_or(self)
    }

    fn wait(&self, deadline: Option<Instant>) -> Option<Outcome<R>> {
        if self.lanes.is_here() && !self.is_finished() {
            return Some(self.refused());
        }
        self.slot().take(deadline)
    }

    fn refused(&self) -> Outcome<R> {
        Err(TaskError { task: self.task, failure: Failure::OwnPool })
    }

    fn slot(&self) -> &Slot<R> {
        self.caller.slot().expect("every handle has a slot")
    }
}

impl<R> fmt::Debug for Handle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("task", &self.task)
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

impl<K: Kind> Call<'_, K> {
    /// Puts one task into the queue, as a chunk of its own.
    pub(super) fn submit_with<R>(
        &self,
        make_chunk: impl FnOnce(Reply<R>) -> K::Chunk,
    ) -> Handle<R> {
        let (pool, token) = (self.pool(), self.own_token());
        let task = pool.submitted.fetch_add(1, Ordering::Relaxed);
        let wake = pool.kind.watch(&token);
        let caller = Arc::new(Caller::with_slot(token, wake));
        let mut reply = Reply::new(Arc::clone(&caller), 0, task, 1);
        if pool.lanes.is_own_lane() {
            reply.push(Err(Failure::OwnPool));
        } else {
            pool.lanes.send(make_chunk(reply));
        }
        Handle { caller, task, lanes: pool.lanes.id() }
    }
}

/// Yields the outcomes of tasks in the order of completion, each with the key that came with its
/// handle. This is Python's `as_completed`, together with the dictionary from futures to inputs
/// that programs keep beside it.
///
/// The handles may come from several pools.
///
/// ```
/// use hands::pool::{ThreadPool, as_completed};
///
/// let pool = ThreadPool::new(2)?;
/// let handles: Vec<_> =
///     ["many", "hands"].into_iter().map(|word| (word, pool.submit(str::len, word))).collect();
/// for (word, length) in as_completed(handles) {
///     println!("{word} has {} letters", length?);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn as_completed<K, R>(handles: impl IntoIterator<Item = (K, Handle<R>)>) -> AsCompleted<K, R> {
    let (sender, completed) = channel::unbounded(); // one for all
    let handles: Vec<_> = handles.into_iter().map(Some).collect();
    for (number, (_, handle)) in handles.iter().flatten().enumerate() {
        handle.slot().tell(&sender, number);
    }
    AsCompleted { left: handles.len(), handles, completed }
}

/// Outcomes in the order of completion: see [`as_completed`].
#[must_use = "iterators are lazy: this one waits for nothing until it is asked"]
#[derive(Debug)]
pub struct AsCompleted<K, R> {
    handles: Vec<Option<(K, Handle<R>)>>,
    left: usize,
    completed: Receiver<usize>,
}

impl<K, R> Iterator for AsCompleted<K, R> {
    type Item = (K, Outcome<R>);

    fn next(&mut self) -> Option<Self::Item> {
        let number = self.completed.try_recv().ok().or_else(|| {
            // A task must not wait for its own pool. Joining any handle says so.
            if self.handles.iter().flatten().any(|(_, handle)| handle.lanes.is_here()) {
                self.handles.iter().position(Option::is_some)
            } else {
                self.completed.recv().ok()
            }
        })?;
        let (key, handle) = self.handles.get_mut(number)?.take()?;
        self.left -= 1;
        Some((key, handle.join()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K, R> ExactSizeIterator for AsCompleted<K, R> {}
