//! What is called on a pool of threads.

use std::sync::Arc;
use std::time::Instant;

use super::{Chunk, ThreadPool, Threads};
use crate::cancel;
use crate::failure::Failure;
use crate::pool::call::Call;
use crate::pool::handle::Handle;
use crate::pool::outcome::Outcome;
use crate::pool::reply::Reply;
use crate::pool::results::Results;
use crate::pool::try_error::TryError;
use crate::pool::window::Order;
use crate::{panics, timeline};

impl<'s> ThreadPool<'s> {
    /// Calls `task` on every input, waits for all of them, and returns the results in the order of
    /// the inputs: Python's `pool.map`.
    ///
    /// All inputs are read at once. They are cut into chunks that start large and end small, or
    /// into chunks of a [`chunk_size`](ThreadPool::chunk_size).
    ///
    /// # Errors
    ///
    /// The first failure in the order of the inputs, once all tasks have ended.
    pub fn map<A: Send + 's, R: Send + 's>(
        &self,
        task: impl Fn(A) -> R + Send + Sync + 's,
        inputs: impl IntoIterator<Item = A>,
    ) -> Outcome<Vec<R>> {
        self.call().map(task, inputs)
    }

    /// Calls `task` on every input, and yields the results in the order of the inputs, each as soon
    /// as it and all before it are there: Python's `pool.imap`, except that it reads its inputs no
    /// further ahead than the [window](ThreadPool::window).
    ///
    /// ```
    /// use hands::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2)?;
    /// let firsts: Vec<u64> = pool.imap(|n| n * n, 1..).take(3).collect::<Result<_, _>>()?;
    /// assert_eq!(firsts, [1, 4, 9]); // of endlessly many squares
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn imap<A: Send + 's, R: Send + 's, I: IntoIterator<Item = A>>(
        &self,
        task: impl Fn(A) -> R + Send + Sync + 's,
        inputs: I,
    ) -> Results<'_, Threads<'s>, I::IntoIter, R> {
        self.call().imap(task, inputs)
    }

    /// Like [`imap`](ThreadPool::imap), but yields each result as soon as it is there, in the order
    /// of completion: Python's `pool.imap_unordered`.
    pub fn imap_unordered<A: Send + 's, R: Send + 's, I: IntoIterator<Item = A>>(
        &self,
        task: impl Fn(A) -> R + Send + Sync + 's,
        inputs: I,
    ) -> Results<'_, Threads<'s>, I::IntoIter, R> {
        self.call().imap_unordered(task, inputs)
    }

    /// Like [`map`](ThreadPool::map), but ends at the first failure: as soon as a task returns an
    /// error or panics, those that haven't started are cancelled, those that run are told by their
    /// [token](crate::cancel::current), and their results are dropped. When this returns, all of
    /// its tasks have ended. Python's `TaskGroup` does that for coroutines.
    ///
    /// ```
    /// use hands::cancel;
    /// use hands::pool::{Reason, ThreadPool};
    /// use std::time::Duration;
    ///
    /// let pool = ThreadPool::new(2)?;
    /// let error = pool
    ///     .try_map(
    ///         |seconds: u64| {
    ///             if seconds == 0 {
    ///                 return Err("no time at all".to_owned());
    ///             }
    ///             // An hour, but not if it's in vain.
    ///             cancel::current().sleep(Duration::from_secs(seconds)).map_err(|e| e.to_string())
    ///         },
    ///         [3600, 0, 3600],
    ///     )
    ///     .unwrap_err();
    /// assert_eq!((error.task, error.input), (1, 0));
    /// assert_eq!(error.reason, Reason::Returned("no time at all".to_owned()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The failure that came first, with its input.
    pub fn try_map<A: Clone + Send + 's, T: Send + 's, E: Send + 's>(
        &self,
        task: impl Fn(A) -> Result<T, E> + Send + Sync + 's,
        inputs: impl IntoIterator<Item = A>,
    ) -> Result<Vec<T>, TryError<A, E>> {
        self.call().try_map(task, inputs)
    }

    /// Like [`map`](ThreadPool::map), but cancels at `deadline` what hasn't ended, and returns what
    /// there is: one outcome for each input, in the order of the inputs.
    ///
    /// A task that hasn't started by then has failed as [`Failure::Cancelled`]. One that runs is
    /// told by its [token](crate::cancel::current), and waited for, because a thread can't be
    /// killed.
    ///
    /// ```
    /// use hands::pool::ThreadPool;
    /// use std::time::{Duration, Instant};
    ///
    /// let pool = ThreadPool::new(1)?;
    /// let deadline = Instant::now() + Duration::from_millis(50);
    /// let outcomes = pool.map_until(deadline, std::thread::sleep, [Duration::from_millis(20); 1000]);
    /// let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    /// println!("{done} of {} are done", outcomes.len());
    /// assert!(done < 1000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn map_until<A: Send + 's, R: Send + 's>(
        &self,
        deadline: Instant,
        task: impl Fn(A) -> R + Send + Sync + 's,
        inputs: impl IntoIterator<Item = A>,
    ) -> Vec<Outcome<R>> {
        self.call().map_until(deadline, task, inputs)
    }

    /// Puts one task into the queue, and returns a handle to join it with: Python's
    /// `executor.submit`.
    ///
    /// ```
    /// use hands::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2)?;
    /// let length = pool.submit(str::len, "hands");
    /// println!("we go on while it is being counted");
    /// assert_eq!(length.join()?, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Any number of tasks can wait in the queue.
    pub fn submit<A: Send + 's, R: Send + 's>(
        &self,
        task: impl FnOnce(A) -> R + Send + 's,
        input: A,
    ) -> Handle<R> {
        self.call().submit(task, input)
    }
}

impl<'p, 's> Call<'p, Threads<'s>> {
    /// [`ThreadPool::map`] with these options.
    ///
    /// # Errors
    ///
    /// The first failure in the order of the inputs, once all tasks have ended.
    pub fn map<A: Send + 's, R: Send + 's>(
        &self,
        task: impl Fn(A) -> R + Send + Sync + 's,
        inputs: impl IntoIterator<Item = A>,
    ) -> Outcome<Vec<R>> {
        self.run_all(inputs, chunks(task))
    }

    /// [`ThreadPool::imap`] with these options.
    pub fn imap<A: Send + 's, R: Send + 's, I: IntoIterator<Item = A>>(
        &self,
        task: impl Fn(A) -> R + Send + Sync + 's,
        inputs: I,
    ) -> Results<'p, Threads<'s>, I::IntoIter, R> {
        self.run_lazily(Order::Input, inputs, chunks(task))
    }

    /// [`ThreadPool::imap_unordered`] with these options.
    pub fn imap_unordered<A: Send + 's, R: Send + 's, I: IntoIterator<Item = A>>(
        &self,
        task: impl Fn(A) -> R + Send + Sync + 's,
        inputs: I,
    ) -> Results<'p, Threads<'s>, I::IntoIter, R> {
        self.run_lazily(Order::Completion, inputs, chunks(task))
    }

    /// [`ThreadPool::try_map`] with these options.
    ///
    /// # Errors
    ///
    /// The failure that came first, with its input.
    pub fn try_map<A: Clone + Send + 's, T: Send + 's, E: Send + 's>(
        &self,
        task: impl Fn(A) -> Result<T, E> + Send + Sync + 's,
        inputs: impl IntoIterator<Item = A>,
    ) -> Result<Vec<T>, TryError<A, E>> {
        self.run_until_failure(inputs, chunks(task))
    }

    /// [`ThreadPool::map_until`] with these options.
    pub fn map_until<A: Send + 's, R: Send + 's>(
        &self,
        deadline: Instant,
        task: impl Fn(A) -> R + Send + Sync + 's,
        inputs: impl IntoIterator<Item = A>,
    ) -> Vec<Outcome<R>> {
        self.run_until(deadline, inputs, chunks(task))
    }

    /// [`ThreadPool::submit`] with the token of these options.
    pub fn submit<A: Send + 's, R: Send + 's>(
        &self,
        task: impl FnOnce(A) -> R + Send + 's,
        input: A,
    ) -> Handle<R> {
        self.submit_with(|reply| Chunk(Box::new(|| run_chunk([|| task(input)], reply))))
    }
}

/// Turns inputs into chunks, all of which call the same `task`.
fn chunks<'s, A: Send + 's, R: Send + 's>(
    task: impl Fn(A) -> R + Send + Sync + 's,
) -> impl Fn(Vec<A>, Reply<R>) -> Chunk<'s> {
    let task = Arc::new(task);
    move |inputs, reply| {
        let task = Arc::clone(&task);
        let run = move || run_chunk(inputs.into_iter().map(|input| || task(input)), reply);
        Chunk(Box::new(run))
    }
}

/// Runs the tasks of a chunk one after the other, and answers for all of them at the end.
fn run_chunk<R>(tasks: impl IntoIterator<Item = impl FnOnce() -> R>, mut reply: Reply<R>) {
    let _entered = cancel::enter(reply.token());
    let mut meter = timeline::Meter::start();
    for task in tasks {
        if !reply.is_wanted() {
            break;
        }
        let number = reply.next_task();
        let result = meter.task(number, || panics::catch(task));
        reply.push(result.map_err(Failure::from));
    }
    drop(reply); // which sends it
    meter.stop();
}
