//! What the workers of a pool are.

/// The kind of a pool's workers: [`Threads`](super::Threads) or [`Processes`](super::Processes).
/// There are no others.
pub trait Kind: Sealed {
    /// What a lane pulls from the queue.
    #[doc(hidden)]
    type Chunk: Send;
    /// What a builder can be told about the workers.
    #[doc(hidden)]
    type Options;
}

/// Keeps other crates from adding kinds.
pub trait Sealed {}
