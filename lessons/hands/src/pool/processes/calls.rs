//! What is called on a pool of processes.

use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::chunk::chunks;
use super::{ProcessPool, Processes};
use crate::pool::call::Call;
use crate::pool::handle::Handle;
use crate::pool::outcome::Outcome;
use crate::pool::results::Results;
use crate::pool::try_error::TryError;
use crate::pool::window::Order;
use crate::process::Task;

impl ProcessPool {
    /// Calls `task` on every input, waits for all of them, and returns the results in the order of
    /// the inputs: Python's `pool.map`.
    ///
    /// All inputs are read at once. They are cut into chunks that start large and end small, or
    /// into chunks of a [`chunk_size`](ProcessPool::chunk_size).
    ///
    /// # Errors
    ///
    /// The first failure in the order of the inputs, once all tasks have ended.
    pub fn map<A, R, I>(&self, task: &Task<A, R>, inputs: I) -> Outcome<Vec<R>>
    where
        I: IntoIterator<Item = A>,
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        self.call().map(task, inputs)
    }

    /// Calls `task` on every input, and yields the results in the order of the inputs, each as soon
    /// as it and all before it are there: Python's `pool.imap`, except that it reads its inputs no
    /// further ahead than the [window](ProcessPool::window).
    pub fn imap<A, R, I: IntoIterator<Item = A>>(
        &self,
        task: &Task<A, R>,
        inputs: I,
    ) -> Results<'_, Processes, I::IntoIter, R>
    where
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        self.call().imap(task, inputs)
    }

    /// Like [`imap`](ProcessPool::imap), but yields each result as soon as it is there, in the
    /// order of completion: Python's `pool.imap_unordered`.
    pub fn imap_unordered<A, R, I: IntoIterator<Item = A>>(
        &self,
        task: &Task<A, R>,
        inputs: I,
    ) -> Results<'_, Processes, I::IntoIter, R>
    where
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        self.call().imap_unordered(task, inputs)
    }

    /// Like [`map`](ProcessPool::map), but ends at the first failure: as soon as a task returns an
    /// error, panics or crashes, those that haven't started are cancelled, those that run are told
    /// by their [token](crate::cancel::current), and their results are dropped. A process that
    /// doesn't listen within a [grace period](super::Builder::grace) is killed. When this returns,
    /// all of its tasks have ended.
    ///
    /// # Errors
    ///
    /// The failure that came first, with its input.
    pub fn try_map<A, T, E, I>(
        &self,
        task: &Task<A, Result<T, E>>,
        inputs: I,
    ) -> Result<Vec<T>, TryError<A, E>>
    where
        I: IntoIterator<Item = A>,
        A: Clone + Serialize + 'static,
        T: DeserializeOwned + Send + 'static,
        E: DeserializeOwned + Send + 'static,
    {
        self.call().try_map(task, inputs)
    }

    /// Like [`map`](ProcessPool::map), but cancels at `deadline` what hasn't ended, and returns
    /// what there is: one outcome for each input, in the order of the inputs.
    ///
    /// A task that hasn't started by then has failed as
    /// [`Failure::Cancelled`](crate::failure::Failure::Cancelled). One that runs is told by its
    /// [token](crate::cancel::current). A process that doesn't listen within a
    /// [grace period](super::Builder::grace) is killed.
    pub fn map_until<A, R, I>(
        &self,
        deadline: Instant,
        task: &Task<A, R>,
        inputs: I,
    ) -> Vec<Outcome<R>>
    where
        I: IntoIterator<Item = A>,
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        self.call().map_until(deadline, task, inputs)
    }

    /// Puts one task into the queue, and returns a handle to join it with: Python's
    /// `executor.submit`.
    ///
    /// Any number of tasks can wait in the queue.
    pub fn submit<A, R>(&self, task: &Task<A, R>, input: A) -> Handle<R>
    where
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        self.call().submit(task, input)
    }
}

impl<'p> Call<'p, Processes> {
    /// [`ProcessPool::map`] with these options.
    ///
    /// # Errors
    ///
    /// The first failure in the order of the inputs, once all tasks have ended.
    pub fn map<A, R, I>(&self, task: &Task<A, R>, inputs: I) -> Outcome<Vec<R>>
    where
        I: IntoIterator<Item = A>,
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        self.run_all(inputs, chunks(task))
    }

    /// [`ProcessPool::imap`] with these options.
    pub fn imap<A, R, I: IntoIterator<Item = A>>(
        &self,
        task: &Task<A, R>,
        inputs: I,
    ) -> Results<'p, Processes, I::IntoIter, R>
    where
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        self.run_lazily(Order::Input, inputs, chunks(task))
    }

    /// [`ProcessPool::imap_unordered`] with these options.
    pub fn imap_unordered<A, R, I: IntoIterator<Item = A>>(
        &self,
        task: &Task<A, R>,
        inputs: I,
    ) -> Results<'p, Processes, I::IntoIter, R>
    where
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        self.run_lazily(Order::Completion, inputs, chunks(task))
    }
    /// [`ProcessPool::try_map`] with these options.
    ///
    /// # Errors
    ///
    /// The failure that came first, with its input.
    pub fn try_map<A, T, E, I>(
        &self,
        task: &Task<A, Result<T, E>>,
        inputs: I,
    ) -> Result<Vec<T>, TryError<A, E>>
    where
        I: IntoIterator<Item = A>,
        A: Clone + Serialize + 'static,
        T: DeserializeOwned + Send + 'static,
        E: DeserializeOwned + Send + 'static,
    {
        self.run_until_failure(inputs, chunks(task))
    }

    /// [`ProcessPool::map_until`] with these options.
    pub fn map_until<A, R, I>(
        &self,
        deadline: Instant,
        task: &Task<A, R>,
        inputs: I,
    ) -> Vec<Outcome<R>>
    where
        I: IntoIterator<Item = A>,
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        self.run_until(deadline, inputs, chunks(task))
    }

    /// [`ProcessPool::submit`] with the token of these options.
    pub fn submit<A, R>(&self, task: &Task<A, R>, input: A) -> Handle<R>
    where
        A: Serialize + 'static,
        R: DeserializeOwned + Send + 'static,
    {
        let make_chunk = chunks(task);
        self.submit_with(|reply| make_chunk(vec![input], reply))
    }
}
