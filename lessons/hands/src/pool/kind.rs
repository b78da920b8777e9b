//! What the workers of a pool are.

use std::io;

/// The kind of a pool's workers: [`Threads`](super::Threads) or [`Processes`](super::Processes).
/// There are no others.
pub trait Kind: Sealed {
    /// What a lane pulls from the queue.
    #[doc(hidden)]
    type Chunk: Send;
    /// What a builder can be told about the workers.
    #[doc(hidden)]
    type Options;
    /// How many workers a pool can have.
    #[doc(hidden)]
    const MAX_WORKERS: usize;
    /// Checks that the system has room for this many workers.
    #[doc(hidden)]
    fn check_room(workers: usize) -> io::Result<()>;
}

/// Keeps other crates from adding kinds.
pub trait Sealed {}
