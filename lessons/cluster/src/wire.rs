//! What travels between the driver and the hosts.
//!
//! A task is its input as JSON, so that a person can read it with `nats sub 'hands.>'`. A result
//! may hold a picture, so it travels as bytes, encoded by [`hands::codec`]. Its length comes first,
//! because several results can share a message.

use std::time::Duration;

use hands::codec;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The longest answer, in bytes, whatever the server would take.
const LONGEST: usize = 256 << 20;

/// A task's result on its way to the driver, and what the driver wants to know about it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer<A, R> {
    pub(crate) input: A,
    pub(crate) outcome: Result<R, Dead>,
    pub(crate) host: String,
    pub(crate) process: u32,
    /// Which attempt this was, counted from 1.
    pub(crate) attempt: u32,
    pub(crate) spans: Vec<HostSpan>,
}

/// A task that will not be tried again, because it panicked or because no worker came back with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct Dead {
    /// What happened.
    pub reason: String,
}

/// A span of a host's timeline.
///
/// Each host has a clock of its own, so a span says how long before its answer was sent it began
/// and ended. The server notes when the answer arrived, by a clock that everybody shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HostSpan {
    pub(crate) row: String,
    pub(crate) name: String,
    pub(crate) began: Duration,
    pub(crate) ended: Duration,
    /// The processor time that its thread used meanwhile, if the host has a clock for that.
    pub(crate) computed: Option<Duration>,
}

/// A letter about a task that will not be tried again. People read it with `nats sub
/// 'hands.dead.>'`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeadLetter {
    pub(crate) task: serde_json::Value,
    pub(crate) reason: String,
    pub(crate) host: String,
    pub(crate) attempts: u32,
    /// Whether the driver gets an answer too.
    pub(crate) answered: bool,
}

/// How often a host sends a heartbeat, at least.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(1);

/// A bit longer than that: each host that lives has been heard by then.
pub(crate) const ALL_HEARD: Duration = Duration::from_millis(1300);

/// A host's sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Heartbeat {
    pub(crate) host: String,
    pub(crate) process: u32,
    /// How many tasks it does at a time.
    pub(crate) workers: usize,
    /// How many of its workers have one.
    pub(crate) busy: usize,
    /// The tasks that it has, by their sequence numbers in the stream of tasks.
    pub(crate) tasks: Vec<u64>,
    /// How many it has done.
    pub(crate) done: u64,
}

impl Heartbeat {
    /// That of a host without tasks.
    pub(crate) fn idle(host: &str, workers: usize) -> Heartbeat {
        let process = std::process::id();
        Heartbeat { host: host.to_owned(), process, workers, busy: 0, tasks: Vec::new(), done: 0 }
    }
}

/// An answer as bytes, with its length in front.
pub(crate) fn encode<A: Serialize, R: Serialize>(
    answer: &Answer<A, R>,
) -> Result<Vec<u8>, codec::Error> {
    let mut bytes = vec![0; 4];
    codec::encode(answer, &mut bytes, LONGEST)?;
    let length = bytes.len() as u32 - 4;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

/// The answers in a message, and whether all of it could be read.
pub(crate) fn decode_all<A: DeserializeOwned, R: DeserializeOwned>(
    mut bytes: &[u8],
) -> (Vec<Answer<A, R>>, bool) {
    let mut answers = Vec::new();
    while let Some((answer, rest)) = decode_first(bytes) {
        answers.push(answer);
        bytes = rest;
    }
    (answers, bytes.is_empty())
}

fn decode_first<A: DeserializeOwned, R: DeserializeOwned>(
    bytes: &[u8],
) -> Option<(Answer<A, R>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (answer, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((codec::decode(answer).ok()?, rest))
}
