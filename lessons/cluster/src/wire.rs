//! What travels. A task is its input as JSON, so that `nats sub 'hands.>'` shows it to a person. A result
//! may hold a picture, so it is bytes: [`hands::codec`]'s, behind their length, because several travel together.

use std::time::Duration;

use hands::codec;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The longest answer, in bytes, whatever a server may take.
const LONGEST: usize = 256 << 20;

/// An answer as it travels.
pub(crate) fn packed<A: Serialize, R: Serialize>(
    answer: &Answer<A, R>,
) -> Result<Vec<u8>, codec::Error> {
    let mut bytes = vec![0; 4];
    codec::encode(answer, &mut bytes, LONGEST)?;
    let length = bytes.len() as u32 - 4;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

/// The first of the answers in a message, and the rest of it. None if there is none that can be read.
pub(crate) fn first<A: DeserializeOwned, R: DeserializeOwned>(
    bytes: &[u8],
) -> Option<(Answer<A, R>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (answer, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((codec::decode(answer).ok()?, rest))
}

/// What became of a task, from a host to the driver.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer<A, R> {
    pub(crate) input: A,
    pub(crate) end: End<R>,
    pub(crate) host: String,
    pub(crate) process: u32,
    /// Which time it was that a worker took it, counted from 1.
    pub(crate) delivery: u32,
    pub(crate) stretches: Vec<Stretch>,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End<R> {
    Done(R),
    Dead(String),
}

/// A span of a host's timeline. Hosts have clocks of their own, so it says how long ago it was when the
/// answer was sent; the server, whose clock all share, says when that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stretch {
    pub(crate) row: String,
    pub(crate) name: String,
    pub(crate) began: Duration,
    pub(crate) ended: Duration,
}

/// A task that nobody will try again, for people: `nats sub 'hands.dead.>'`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeadLetter {
    pub(crate) task: serde_json::Value,
    pub(crate) reason: String,
    pub(crate) host: String,
    pub(crate) deliveries: u32,
    /// Whether its driver gets an answer, too.
    pub(crate) answered: bool,
}

/// A host's sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Beat {
    pub(crate) host: String,
    pub(crate) process: u32,
    pub(crate) at_once: usize,
    pub(crate) busy: usize,
    /// The numbers of those that it has, in the stream of tasks.
    pub(crate) tasks: Vec<u64>,
    pub(crate) done: u64,
}
