//! The options of one call of `map`, `imap` or `imap_unordered`, and what the three do for every
//! kind of pool.

use std::time::Instant;
use std::vec;

use super::generic::{Kind, Pool};
use super::outcome::{Outcome, TaskError};
use super::reply::Reply;
use super::results::Results;
use super::try_error::{Reason, TryError};
use super::window::{ChunkSize, Order, Window};
use crate::cancel::{self, Token};

/// A pool, and how its next calls read their inputs and are cancelled. Made by
/// [`Pool::chunk_size`], [`Pool::window`] and [`Pool::token`]. The pool itself stays as it is.
///
/// ```
/// use hands::pool::ThreadPool;
///
/// let pool = ThreadPool::new(2)?;
/// let lengths = pool.chunk_size(100).map(str::len, ["many", "hands"])?;
/// assert_eq!(lengths, [4, 5]);
///
/// let in_hundreds = pool.chunk_size(100).window(1000);
/// for square in in_hundreds.imap(|n| n * n, 0..10_000_u64) {
///     assert!(square? < 100_000_000);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "this sets options for a call, and does nothing by itself"]
pub struct Call<'p, K: Kind> {
    pool: &'p Pool<K>,
    chunk_size: Option<usize>,
    window: Option<usize>,
    token: Option<Token>,
}

impl<K: Kind> Pool<K> {
    /// A call with the default options.
    pub(super) fn call(&self) -> Call<'_, K> {
        Call { pool: self, chunk_size: None, window: None, token: None }
    }

    /// Sets how many inputs travel together as one chunk: Python's `chunksize`.
    ///
    /// Larger chunks mean fewer trips, which matters if tasks are tiny. They also mean worse
    /// balance at the end, and results that come in bursts, because a chunk comes back as a whole.
    /// And if a worker process dies, all tasks of its chunk that it hasn't reported are lost with
    /// it. (It reports those that have ended every millisecond.)
    ///
    /// By default, `imap` and `imap_unordered` use chunks of 1. `map` starts with a quarter of each
    /// worker's share, and makes each chunk the same fraction of what is *left*. That way there are
    /// few trips, and chunks are small at the end, when a large one would leave the other workers
    /// idle.
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    pub fn chunk_size(&self, inputs: usize) -> Call<'_, K> {
        self.call().chunk_size(inputs)
    }

    /// Sets how far `imap` and `imap_unordered` may read ahead: when you have taken `k` results,
    /// they have taken at most `k + inputs` inputs. (`map` reads all of its inputs at once.) A
    /// larger chunk is cut to the window. A window smaller than one chunk per worker leaves workers
    /// idle.
    ///
    /// By default, it is eight inputs per worker, or two chunks per worker if that is more. That's
    /// enough to keep all workers busy while you use a result, and few enough to hold in memory.
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    pub fn window(&self, inputs: usize) -> Call<'_, K> {
        self.call().window(inputs)
    }

    /// Sets a token that cancels the calls: the tasks that haven't started never will, and those
    /// that run are told, as by [`Handle::cancel`](super::Handle::cancel).
    ///
    /// ```
    /// use hands::cancel::Token;
    /// use hands::pool::{Failure, ThreadPool};
    ///
    /// let pool = ThreadPool::new(2)?;
    /// let token = Token::new();
    /// let mut squares = pool.token(&token).imap(|n| n * n, 1..);
    /// assert_eq!(squares.next(), Some(Ok(1)));
    /// token.cancel();
    /// // What was on its way still comes, and then there's an end.
    /// assert!(squares.count() < 16);
    ///
    /// let refused = pool.token(&token).map(|n| n * n, 1..=3).unwrap_err();
    /// assert_eq!((refused.task, refused.failure), (0, Failure::Cancelled));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A call that is given no token is cancelled with the task that makes it, if one does.
    pub fn token(&self, token: &Token) -> Call<'_, K> {
        self.call().token(token)
    }
}

impl<'p, K: Kind> Call<'p, K> {
    /// Sets how many inputs travel together: see [`Pool::chunk_size`].
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    pub fn chunk_size(&self, inputs: usize) -> Self {
        assert!(inputs > 0, "a chunk holds at least one input");
        Call { chunk_size: Some(inputs), token: self.token.clone(), ..*self }
    }

    /// Sets how far ahead inputs are read: see [`Pool::window`].
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    pub fn window(&self, inputs: usize) -> Self {
        assert!(inputs > 0, "a window holds at least one input");
        Call { window: Some(inputs), token: self.token.clone(), ..*self }
    }

    /// Sets a token that cancels the call: see [`Pool::token`].
    pub fn token(&self, token: &Token) -> Self {
        Call { token: Some(token.clone()), ..*self }
    }

    /// The pool.
    pub(super) fn pool(&self) -> &'p Pool<K> {
        self.pool
    }

    /// A new token, for one call.
    pub(super) fn own_token(&self) -> Token {
        self.token.as_ref().map_or_else(cancel::current, Token::child)
    }

    /// `map`, which returns all values or the first failure.
    pub(super) fn run_all<A, R>(
        &self,
        inputs: impl IntoIterator<Item = A>,
        make_chunk: impl Fn(Vec<A>, Reply<R>) -> K::Chunk,
    ) -> Outcome<Vec<R>> {
        let inputs: Vec<A> = inputs.into_iter().collect();
        let count = inputs.len();
        self.start(self.own_token(), inputs, make_chunk).into_values(count)
    }

    /// `map_until`, which returns what there is at the deadline.
    pub(super) fn run_until<A, R>(
        &self,
        deadline: Instant,
        inputs: impl IntoIterator<Item = A>,
        make_chunk: impl Fn(Vec<A>, Reply<R>) -> K::Chunk,
    ) -> Vec<Outcome<R>> {
        let token = self.own_token().with_deadline(deadline);
        let inputs: Vec<A> = inputs.into_iter().collect();
        let mut outcomes = Vec::with_capacity(inputs.len());
        let mut results = self.start(token, inputs, make_chunk);
        while let Some(chunk) = results.next_chunk() {
            outcomes.extend(chunk.into_each());
        }
        outcomes
    }

    /// `try_map`, which ends at the first failure.
    pub(super) fn run_until_failure<A: Clone, T, E>(
        &self,
        inputs: impl IntoIterator<Item = A>,
        make_chunk: impl Fn(Vec<A>, Reply<Result<T, E>>) -> K::Chunk,
    ) -> Result<Vec<T>, TryError<A, E>> {
        let mut inputs: Vec<A> = inputs.into_iter().collect();
        let mut values = Vec::with_capacity(inputs.len());
        let mut failed = None;
        let mut results =
            self.start(self.own_token(), inputs.clone(), make_chunk).fail_fast(Result::is_err);
        while let Some(chunk) = results.next_chunk() {
            let first_task = chunk.first;
            for (task, outcome) in (first_task..).zip(chunk.into_each()) {
                let reason = match outcome {
                    Ok(Ok(value)) => {
                        values.push(value);
                        continue;
                    }
                    Ok(Err(error)) => Reason::Returned(error),
                    Err(TaskError { failure, .. }) => Reason::Failed(failure),
                };
                // The others have failed because they were cancelled for this one.
                if failed.is_none() || results.first_failure() == Some(task) {
                    failed = Some((task, reason));
                }
            }
        }
        match failed {
            None => Ok(values),
            Some((task, reason)) => Err(TryError { task, input: inputs.swap_remove(task), reason }),
        }
    }

    /// A call that has all of its inputs, and needs no window.
    fn start<A, R>(
        &self,
        token: Token,
        inputs: Vec<A>,
        make_chunk: impl Fn(Vec<A>, Reply<R>) -> K::Chunk + 'p,
    ) -> Results<'p, K, vec::IntoIter<A>, R> {
        let shares = self.pool.workers().saturating_mul(4);
        let shrinking = ChunkSize::Shrinking { inputs: inputs.len(), shares };
        let size = self.chunk_size.map_or(shrinking, ChunkSize::Fixed);
        let window = Window::new(Order::Input, usize::MAX, size);
        Results::start(self.pool, token, window, inputs.into_iter(), make_chunk)
    }

    /// `imap` and `imap_unordered`.
    pub(super) fn run_lazily<A, R, I: IntoIterator<Item = A>>(
        &self,
        order: Order,
        inputs: I,
        make_chunk: impl Fn(Vec<A>, Reply<R>) -> K::Chunk + 'p,
    ) -> Results<'p, K, I::IntoIter, R> {
        let size = self.chunk_size.unwrap_or(1);
        let limit = self.window.unwrap_or_else(|| {
            let workers = self.pool.workers();
            (8 * workers).max(workers.saturating_mul(2).saturating_mul(size))
        });
        let window = Window::new(order, limit, ChunkSize::Fixed(size));
        Results::start(self.pool, self.own_token(), window, inputs.into_iter(), make_chunk)
    }
}
