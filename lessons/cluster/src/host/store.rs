//! Stores results on the server, and only then says that their tasks are done.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::message::{Acker, PublishMessage};
use serde_json::Value;
use step::text::masked;
use tokio::time::sleep;

use crate::names::Names;
use crate::wire::DeadLetter;

/// The most results that are stored together.
const LARGEST_CHUNK: usize = 64;
/// How many times to try to store a result before its task is left to another host.
const TRIES: usize = 60;
const PAUSE: Duration = Duration::from_secs(1);
/// A dead letter is for people, so it holds no more than this of the task, in bytes, and of the
/// reason, in characters.
const MOST_OF_TASK: usize = 8192;
const MOST_OF_REASON: usize = 1024;

/// Results of one run that are stored together, back to back, with the sequence numbers of their
/// tasks.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    run: String,
    pub(super) tasks: Vec<u64>,
    answers: Vec<u8>,
    letters: Vec<DeadLetter>,
}

/// A message to be stored, and its subject.
pub(super) type ToStore = (String, PublishMessage);

impl Chunk {
    pub(super) fn new(run: String) -> Self {
        Chunk { run, ..Chunk::default() }
    }

    /// Whether an answer of this run and this length still fits in.
    pub(super) fn has_room(&self, run: &str, length: usize, largest: usize) -> bool {
        self.run == run
            && self.answers.len() + length <= largest
            && self.tasks.len() < LARGEST_CHUNK
    }

    pub(super) fn add(&mut self, task: u64, mut answer: Vec<u8>, letter: Option<DeadLetter>) {
        self.tasks.push(task);
        self.answers.append(&mut answer);
        self.letters.extend(letter);
    }

    pub(super) fn into_messages(self, names: &Names) -> Vec<ToStore> {
        let id = self.id();
        let Chunk { run, answers, letters, .. } = self;
        let message = |subject, payload: Vec<u8>, id| {
            (subject, PublishMessage::build().message_id(id).payload(payload.into()))
        };
        let mut messages = Vec::new();
        for (n, letter) in letters.iter().enumerate() {
            let payload = serde_json::to_vec(letter).unwrap_or_default();
            messages.push(message(names.dead_for(&run), payload, format!("{id}-{n}")));
        }
        if !answers.is_empty() {
            messages.push(message(names.results_for(&run), answers, id));
        }
        messages
    }

    /// The server keeps one message of each id, so a chunk that is sent twice is stored once. The
    /// id names all of its tasks, because a chunk that shares only some of them is another one.
    fn id(&self) -> String {
        let tasks: Vec<String> = self.tasks.iter().map(u64::to_string).collect();
        format!("{}.{}", self.run, tasks.join("."))
    }
}

/// What a person may read about a dead task.
pub(super) fn letter(
    payload: &[u8],
    reason: &str,
    host: &str,
    attempts: u32,
    answered: bool,
) -> DeadLetter {
    let is_short = payload.len() <= MOST_OF_TASK;
    let task = match serde_json::from_slice(payload) {
        Ok(Value::String(task)) if is_short => masked(&task).into(),
        Ok(task) if is_short => task,
        _ => format!("{} bytes", payload.len()).into(),
    };
    let reason = reason.chars().take(MOST_OF_REASON).collect();
    DeadLetter { task, reason, host: host.to_owned(), attempts, answered }
}

// ANCHOR: store
/// Stores the results first, and then says that their tasks are done. The other way round, a kill
/// in between would lose them. Returns whether they are stored.
pub(super) async fn store_then_confirm(
    context: &Context,
    messages: Vec<ToStore>,
    tasks: &[Arc<Acker>],
) -> bool {
    for (subject, message) in messages {
        let mut tries = 1;
        while !store(context, &subject, message.clone()).await {
            if tries == TRIES {
                return false; // not confirmed, so another host will get these tasks
            }
            tries += 1;
            sleep(PAUSE).await; // the server is away, and will be back
        }
    }
    for task in tasks {
        task.ack().await.ok(); // if this is lost, the task is done again
    }
    true
}

/// Whether the server has written it.
async fn store(context: &Context, subject: &str, message: PublishMessage) -> bool {
    match context.send_publish(subject.to_owned(), message).await {
        Ok(sent) => sent.await.is_ok(),
        Err(_) => false,
    }
}
// ANCHOR_END: store

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_chunk_of_the_same_tasks_has_the_same_id() {
        let chunk = |run: &str, tasks: &[u64]| {
            Chunk { run: run.to_owned(), tasks: tasks.to_vec(), ..Chunk::default() }.id()
        };
        let one = chunk("run", &[1, 23]);
        assert_eq!(one, chunk("run", &[1, 23]));
        for another in [chunk("run", &[1]), chunk("run", &[12, 3]), chunk("run", &[1, 23, 4])] {
            assert_ne!(one, another);
        }
        assert_ne!(one, chunk("other", &[1, 23]), "each run has ids of its own");
    }
}
