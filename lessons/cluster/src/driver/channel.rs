//! What the iterator and the event loop say to each other.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::error::Error;

/// From the iterator to the event loop.
#[derive(Debug)]
pub(super) enum Command {
    /// Give this task to the server.
    Give { number: u64, payload: Vec<u8> },
    /// This task has ended.
    Ended(u64),
    /// A message has been read: how many answers it held, and whether all of it could be read.
    Read { message: u64, answers: usize, all: bool },
    /// An answer in this message is safe.
    Confirm { message: u64 },
    /// Take back the tasks that no host has.
    Withdraw,
    /// All tasks have ended. Once all answers are safe, the server may forget the run.
    Finish,
    /// The iterator was dropped.
    Leave,
}

/// From the event loop to the iterator.
#[derive(Debug)]
pub(super) enum Update {
    /// A message with answers has come.
    Answers(Answers),
    /// These tasks were taken back.
    Withdrawn(Vec<u64>),
    /// The run cannot go on.
    Lost(Error),
}

/// A message with answers, back to back.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) bytes: Bytes,
    /// The message's sequence number in the stream of results.
    pub(super) message: u64,
    /// When the server got it, since 1970, by the server's clock.
    pub(super) published: Duration,
    /// When we got it.
    pub(super) received: Instant,
}
