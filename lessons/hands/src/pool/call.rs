//! The options of one call of `map`, `imap` or `imap_unordered`, and what the three do for every kind
//! of pool.

use super::generic::{Kind, Pool};
use super::outcome::Outcome;
use super::reply::Reply;
use super::results::Results;
use super::window::{ChunkSize, Order, Window};

/// A pool, and how its next calls of `map`, `imap` and `imap_unordered` read their inputs. Made by
/// [`Pool::chunk_size`] and [`Pool::window`]. The pool itself stays as it is.
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
}

impl<K: Kind> Pool<K> {
    /// A call with the default options.
    pub(super) fn call(&self) -> Call<'_, K> {
        Call { pool: self, chunk_size: None, window: None }
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
}

impl<'p, K: Kind> Call<'p, K> {
    /// Sets how many inputs travel together: see [`Pool::chunk_size`].
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    pub fn chunk_size(&self, inputs: usize) -> Self {
        assert!(inputs > 0, "a chunk holds at least one input");
        Call { chunk_size: Some(inputs), ..*self }
    }

    /// Sets how far ahead inputs are read: see [`Pool::window`].
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    pub fn window(&self, inputs: usize) -> Self {
        assert!(inputs > 0, "a window holds at least one input");
        Call { window: Some(inputs), ..*self }
    }

    /// `map`, which has all of its inputs and needs no window.
    pub(super) fn run_all<A, R>(
        &self,
        inputs: impl IntoIterator<Item = A>,
        make_chunk: impl Fn(Vec<A>, Reply<R>) -> K::Chunk,
    ) -> Outcome<Vec<R>> {
        let inputs: Vec<A> = inputs.into_iter().collect();
        let count = inputs.len();
        let shares = self.pool.workers().saturating_mul(4);
        let shrinking = ChunkSize::Shrinking { inputs: count, shares };
        let size = self.chunk_size.map_or(shrinking, ChunkSize::Fixed);
        let window = Window::new(Order::Input, usize::MAX, size);
        Results::start(self.pool, window, inputs.into_iter(), make_chunk).into_values(count)
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
        Results::start(self.pool, window, inputs.into_iter(), make_chunk)
    }
}
