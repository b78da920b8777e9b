//! Chunks on their way to worker processes, and the answers that come back.

use std::collections::VecDeque;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cancel::Cancelled;
use crate::codec;
use crate::failure::Failure;
use crate::panics;
use crate::pool::reply::Reply;
use crate::process::{self, EncodedChunk, Task};

/// A chunk of tasks: its inputs, encoded, and the reply to whoever waits for its results.
pub struct Chunk {
    inputs: EncodedChunk,
    /// How many of its tasks have an outcome.
    done: usize,
    /// How many workers have died of it.
    pub(super) crashes: u32,
    answers: Box<dyn Answers>,
}

/// A reply with results whose type the lane doesn't know.
trait Answers: Send {
    /// Whether it hasn't been cancelled.
    fn is_wanted(&self) -> bool;
    /// Whether it was cancelled because its deadline has passed.
    fn is_expired(&self) -> bool;
    /// Whether anybody waits for its end, wanted or not.
    fn is_awaited(&self) -> bool;
    /// Notes what the next task returned, encoded.
    fn value(&mut self, bytes: &[u8]);
    /// Notes that the next task failed.
    fn failure(&mut self, failure: Failure);
}

struct Typed<R> {
    reply: Reply<R>,
    /// The inputs that couldn't be sent: their positions, and why.
    refused: VecDeque<(usize, Failure)>,
}

impl<R> Typed<R> {
    /// The next tasks get their outcome without a worker, if their inputs couldn't be sent.
    fn pass_refused(&mut self) {
        while self.refused.front().is_some_and(|(position, _)| *position == self.reply.done())
            && let Some((_, failure)) = self.refused.pop_front()
        {
            self.reply.push(Err(failure));
        }
    }

    fn push(&mut self, result: Result<R, Failure>) {
        self.reply.push(result);
        self.pass_refused();
    }
}

impl<R: DeserializeOwned + Send> Answers for Typed<R> {
    fn is_wanted(&self) -> bool {
        self.reply.is_wanted()
    }

    fn is_expired(&self) -> bool {
        self.reply.token().check() == Err(Cancelled::Deadline)
    }

    fn is_awaited(&self) -> bool {
        self.reply.is_awaited()
    }

    fn value(&mut self, bytes: &[u8]) {
        let decoded = panics::catch(|| codec::decode(bytes).map_err(Failure::bad_result));
        self.push(decoded.map_err(Failure::Panicked).flatten());
    }

    fn failure(&mut self, failure: Failure) {
        self.push(Err(failure));
    }
}

/// Turns inputs into chunks, all of which call the same `task`.
pub(super) fn chunks<A, R>(task: &Task<A, R>) -> impl Fn(Vec<A>, Reply<R>) -> Chunk + use<A, R>
where
    A: Serialize + 'static,
    R: DeserializeOwned + Send + 'static,
{
    let number = process::number_of(task);
    move |inputs, reply| {
        let task = number.clone().unwrap_or_default();
        let mut encoded = EncodedChunk::new(task, reply.next_task(), reply.token().deadline());
        let mut refused = VecDeque::new();
        for (position, input) in inputs.iter().enumerate() {
            let pushed = number.as_ref().map_err(Failure::clone).and_then(|_| encoded.push(input));
            if let Err(failure) = pushed {
                refused.push_back((position, failure));
            }
        }
        let mut answers = Typed { reply, refused };
        answers.pass_refused();
        Chunk { inputs: encoded, done: 0, crashes: 0, answers: Box::new(answers) }
    }
}

impl Chunk {
    /// The bytes to be sent.
    pub(super) fn bytes(&self) -> &[u8] {
        self.inputs.bytes()
    }

    /// How many tasks have no outcome yet.
    pub(super) fn left(&self) -> usize {
        self.inputs.tasks() - self.done
    }

    /// Whether there's anything left to do that hasn't been cancelled.
    pub(super) fn is_wanted(&self) -> bool {
        self.left() > 0 && self.answers.is_wanted()
    }

    /// Whether it has been cancelled because its deadline has passed.
    pub(super) fn is_expired(&self) -> bool {
        self.answers.is_expired()
    }

    /// Whether it has been cancelled, and somebody waits for its end.
    pub(super) fn is_overdue(&self) -> bool {
        !self.answers.is_wanted() && self.answers.is_awaited()
    }

    /// Notes what the next task returned, encoded.
    pub(super) fn value(&mut self, bytes: &[u8]) {
        self.done += 1;
        self.answers.value(bytes);
    }

    /// Notes that the next task failed.
    pub(super) fn failure(&mut self, failure: Failure) {
        self.done += 1;
        self.answers.failure(failure);
    }

    /// Fails every task that has no outcome yet.
    pub(super) fn fail_all(&mut self, failure: &Failure) {
        while self.left() > 0 {
            self.failure(failure.clone());
        }
    }

    /// The chunk without the tasks that have an outcome, ready to be sent to another worker.
    pub(super) fn rest(mut self) -> Chunk {
        if self.done > 0 {
            self.inputs = self.inputs.without(self.done);
            self.done = 0;
        }
        self
    }

    /// Drops the chunk, which sends its reply. A panic of the caller's types mustn't end the lane.
    pub(super) fn dismiss(self) {
        let _ = panics::catch(|| drop(self));
    }
}
