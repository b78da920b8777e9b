//! Tasks submitted one by one, each with a handle to join it by.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam::channel::{self, Receiver};

use super::lanes::LanesId;
use super::outcome::{Outcome, TaskError};
use super::reply::{Caller, Reply, Slot};
use super::{Kind, Pool};
use crate::failure::Failure;

/// A task that was submitted, and the way to its outcome: Python's `Future`. It has nothing to do with
/// Rust's `Future`: the task runs whether or not anybody asks for it.
///
/// Dropping the handle lets the task go on unobserved.
pub struct Handle<R> {
    caller: Arc<Caller<R>>,
    task: usize,
    lanes: LanesId,
}

impl<R> Handle<R> {
    /// How many tasks were submitted to the pool before this one. A [`TaskError`] names it.
    pub fn task(&self) -> usize {
        self.task
    }

    /// Whether the outcome is there, so that [`join`](Handle::join) would not wait.
    pub fn is_finished(&self) -> bool {
        self.slot().is_full()
    }

    /// Cancels the task if it has not started. Its outcome is [`Failure::Cancelled`] then.
    pub fn cancel(&self) {
        self.caller.leave();
    }

    /// Waits until the task has ended.
    ///
    /// # Errors
    ///
    /// If the task did not run to its end, or this is called from a task of the same pool that would
    /// have to wait.
    pub fn join(self) -> Outcome<R> {
        self.wait(None).unwrap_or_else(|| self.refused())
    }

    /// Waits for at most so long. The task goes on, and the handle comes back, if it is not enough.
    ///
    /// # Errors
    ///
    /// The handle, if the task has not ended by then.
    pub fn join_timeout(self, limit: Duration) -> Result<Outcome<R>, Self> {
        // Nobody sees the end of a time that the clock cannot tell.
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
        self.caller.slot().expect("a handle is made with a slot")
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

impl<K: Kind> Pool<K> {
    /// Puts one task into the queue, by itself.
    pub(super) fn submit_job<R>(&self, make_job: impl FnOnce(Reply<R>) -> K::Job) -> Handle<R> {
        let task = self.submitted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let caller = Arc::new(Caller::with_slot());
        let mut reply = Reply::new(Arc::clone(&caller), 0, task, 1);
        if self.lanes.is_own_lane() {
            reply.push(Err(Failure::OwnPool));
        } else {
            self.lanes.send(make_job(reply));
        }
        Handle { caller, task, lanes: self.lanes.id() }
    }
}

/// Yields the outcomes of tasks as they complete, whichever ends first, each with the key that came
/// with its handle: Python's `as_completed`, and its habit of keeping `{future: input}` beside it.
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
#[must_use = "the outcomes are there for those who ask"]
#[derive(Debug)]
pub struct AsCompleted<K, R> {
    handles: Vec<Option<(K, Handle<R>)>>,
    left: usize,
    completed: Receiver<usize>,
}

impl<K, R> Iterator for AsCompleted<K, R> {
    type Item = (K, Outcome<R>);

    fn next(&mut self) -> Option<Self::Item> {
        // In a task of the same pool nobody may wait.
        let is_own = |handle: &Handle<R>| handle.lanes.is_here();
        let number = self.completed.try_recv().ok().or_else(|| {
            let waits = self.handles.iter().flatten().any(|(_, handle)| is_own(handle));
            match waits {
                true => self.handles.iter().position(Option::is_some),
                false => self.completed.recv().ok(),
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
