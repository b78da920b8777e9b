//! The options of one call of `map`, `imap` or `imap_unordered`.

use std::fmt;

use super::generic::Pool;
use super::kind::Kind;
use super::window::{ChunkSize, Order};

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
#[must_use = "this sets options for a call, and does nothing by itself"]
pub struct Call<'p, K: Kind> {
    pub(super) pool: &'p Pool<K>,
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

impl<K: Kind> Call<'_, K> {
    /// Sets how many inputs travel together: see [`Pool::chunk_size`].
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    pub fn chunk_size(self, inputs: usize) -> Self {
        assert!(inputs > 0, "a chunk holds at least one input");
        Call { chunk_size: Some(inputs), ..self }
    }

    /// Sets how far ahead inputs are read: see [`Pool::window`].
    ///
    /// # Panics
    ///
    /// If `inputs` is 0.
    pub fn window(self, inputs: usize) -> Self {
        assert!(inputs > 0, "a window holds at least one input");
        Call { window: Some(inputs), ..self }
    }

    /// Order, window and chunk size for `map`, which has all of its inputs and needs no window.
    pub(super) fn plan_map(&self, inputs: usize) -> (Order, usize, ChunkSize) {
        let shares = self.pool.workers().saturating_mul(4);
        let shrinking = ChunkSize::Shrinking { left: inputs, shares };
        let size = self.chunk_size.map_or(shrinking, ChunkSize::Fixed);
        (Order::Input, usize::MAX, size)
    }

    /// Order, window and chunk size for `imap` and `imap_unordered`.
    pub(super) fn plan_imap(&self, order: Order) -> (Order, usize, ChunkSize) {
        let size = self.chunk_size.unwrap_or(1);
        let window = self.window.unwrap_or_else(|| {
            let workers = self.pool.workers();
            (8 * workers).max(workers.saturating_mul(2).saturating_mul(size))
        });
        (order, window, ChunkSize::Fixed(size))
    }
}

impl<K: Kind> Clone for Call<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Kind> Copy for Call<'_, K> {}

impl<K: Kind> fmt::Debug for Call<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("pool", self.pool)
            .field("chunk_size", &self.chunk_size)
            .field("window", &self.window)
            .finish()
    }
}
