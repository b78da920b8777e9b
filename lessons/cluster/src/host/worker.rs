//! Does one task, and packs what comes of it.

use bytes::Bytes;
use hands::panics;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::delivery::{Delivery, MAX_ATTEMPTS, Retry};
use crate::wire::{self, Answer, Dead};

/// A task on its way to a worker.
pub(super) struct Taken {
    /// Its sequence number in the stream of tasks.
    pub(super) sequence: u64,
    pub(super) attempt: u32,
    pub(super) payload: Bytes,
}

/// What a worker has made of its task.
pub(super) struct Made {
    /// For the driver. Empty if there is nothing that it could read.
    pub(super) answer: Vec<u8>,
    /// If the task is dead, the reason.
    pub(super) dead: Option<String>,
}

/// Works on tasks of this host.
pub(super) struct Worker<'h, F> {
    pub(super) host: &'h str,
    /// The largest message that the server takes, in bytes.
    pub(super) largest: usize,
    pub(super) task: &'h F,
}

impl<F> Worker<'_, F> {
    /// Does the task. `None` if another attempt may help.
    pub(super) fn make<A, R>(&self, taken: Taken) -> Option<Made>
    where
        A: Serialize + DeserializeOwned,
        R: Serialize,
        F: Fn(&Delivery<A>) -> Result<R, Retry>,
    {
        let input: A = match serde_json::from_slice(&taken.payload) {
            Ok(input) => input,
            Err(why) => return Some(unreadable(why)),
        };
        let attempt = taken.attempt;
        let delivery = Delivery::new(input, attempt);
        let outcome = self.outcome(&delivery)?;
        let (input, spans) = delivery.into_input_and_spans();
        let (host, process) = (self.host.to_owned(), std::process::id());
        Some(self.pack(Answer { input, outcome, host, process, attempt, spans }))
    }

    /// How the task ends; `None` if it is to be tried again.
    fn outcome<A, R>(&self, delivery: &Delivery<A>) -> Option<Result<R, Dead>>
    where
        F: Fn(&Delivery<A>) -> Result<R, Retry>,
    {
        if delivery.attempt > MAX_ATTEMPTS {
            let reason = format!("{MAX_ATTEMPTS} workers took it, and none of them came back");
            return Some(Err(Dead { reason }));
        }
        match panics::catch(|| (self.task)(delivery)) {
            Ok(Ok(result)) => Some(Ok(result)),
            Ok(Err(Retry(_))) if delivery.attempt < MAX_ATTEMPTS => None,
            Ok(Err(Retry(reason))) => {
                let before = MAX_ATTEMPTS - 1;
                let reason = format!("{reason}, after {before} other attempts that failed too");
                Some(Err(Dead { reason }))
            }
            Err(panicked) => Some(Err(Dead { reason: panicked.to_string() })),
        }
    }

    fn pack<A: Serialize, R: Serialize>(&self, mut answer: Answer<A, R>) -> Made {
        let why = match wire::encode(&answer) {
            Ok(bytes) if bytes.len() <= self.largest => return made(bytes, answer.outcome),
            Ok(bytes) => format!("{} bytes, and the server takes {}", bytes.len(), self.largest),
            Err(why) => why.to_string(),
        };
        answer.outcome = Err(Dead { reason: format!("its result cannot be sent: {why}") });
        match wire::encode(&answer) {
            Ok(bytes) => made(bytes, answer.outcome),
            Err(why) => unreadable(why),
        }
    }
}

fn made<R>(answer: Vec<u8>, outcome: Result<R, Dead>) -> Made {
    Made { answer, dead: outcome.err().map(|dead| dead.reason) }
}

fn unreadable(why: impl ToString) -> Made {
    let reason = format!("it is not a task of this program: {}", why.to_string());
    Made { answer: Vec::new(), dead: Some(reason) }
}
