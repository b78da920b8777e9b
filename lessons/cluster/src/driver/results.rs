//! Inputs go in, and results come out as they complete.

use std::collections::VecDeque;
use std::hash::Hash;
use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use super::channel::{Answers, Command, Update};
use super::ledger::{Begun, Ledger};
use super::run::Run;
use crate::error::Error;
use crate::wire::{self, Answer, Dead};

impl Run {
    /// Gives each input to a host, and yields the results as they complete.
    ///
    /// It is as lazy as `imap_unordered` of a pool: inputs are taken when the caller asks for a
    /// result, until the window is full of tasks that are under way. Inputs are distinct: one that
    /// equals an input under way is the same task.
    ///
    /// It ends when each task has ended once, or with an error. The server then forgets the run as
    /// soon as each result is [confirmed](Done::confirm). After an error, or if the iterator is
    /// dropped early, the server keeps what was given to it, for `--resume`.
    pub fn imap_unordered<A, R, I>(self, inputs: I) -> Results<A, R, I::IntoIter>
    where
        A: Serialize + DeserializeOwned + Eq + Hash + Clone,
        R: DeserializeOwned,
        I: IntoIterator<Item = A>,
    {
        Results {
            ledger: Ledger::new(self.window, self.resumed),
            run: self,
            inputs: Some(inputs.into_iter()),
            ready: VecDeque::new(),
            left_some: false,
            over: false,
        }
    }
}

/// A task that has ended.
#[derive(Debug)]
pub struct Done<A, R> {
    /// What was given.
    pub input: A,
    /// Its result, or why it will not be tried again.
    pub outcome: Result<R, Dead>,
    /// The host that did it. Empty if the task could not be given to any.
    pub host: String,
    /// Which attempt this was, counted from 1.
    pub attempt: u32,
    /// When it was given to the server.
    pub given: Instant,
    /// The message that it came in.
    message: Option<u64>,
    commands: mpsc::UnboundedSender<Command>,
}

impl<A, R> Done<A, R> {
    /// Says that this result is safe, or not needed, so that the server can forget it. Until then
    /// it is kept for whoever resumes the run.
    pub fn confirm(&self) {
        if let Some(message) = self.message {
            self.commands.send(Command::Confirm { message }).ok();
        }
    }
}

/// Yields results as they complete. Made by [`Run::imap_unordered`].
#[derive(Debug)]
pub struct Results<A, R, I> {
    run: Run,
    ledger: Ledger<A, Instant, Done<A, R>>,
    /// `None` when no further task will be begun.
    inputs: Option<I>,
    ready: VecDeque<Done<A, R>>,
    /// Whether the run was stopped before all tasks were begun.
    left_some: bool,
    over: bool,
}

impl<A, R, I> Iterator for Results<A, R, I>
where
    A: Serialize + DeserializeOwned + Eq + Hash + Clone,
    R: DeserializeOwned,
    I: Iterator<Item = A>,
{
    type Item = Result<Done<A, R>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            // The answers that an earlier driver left come first, so that none of them is made
            // again.
            if self.run.backlog == 0 {
                self.begin_some();
            }
            if let Some(done) = self.ready.pop_front() {
                return Some(Ok(done));
            }
            if self.run.backlog == 0 && self.inputs.is_none() && self.ledger.under_way() == 0 {
                self.over = true;
                self.command(Command::Finish);
                return None;
            }
            if let Err(error) = self.wait() {
                self.over = true;
                return Some(Err(error));
            }
        }
        None
    }
}

impl<A, R, I> Results<A, R, I>
where
    A: Serialize + DeserializeOwned + Eq + Hash + Clone,
    R: DeserializeOwned,
    I: Iterator<Item = A>,
{
    /// Gives inputs to the server while the window has room. If an answer is waiting for us it
    /// gives only one, because inputs may be slow to come.
    fn begin_some(&mut self) {
        while self.inputs.is_some() && self.ledger.has_room() && self.ready.is_empty() {
            match self.next_input() {
                Some(input) => self.begin(input),
                None => return self.begin_no_more(),
            }
            if !self.run.updates.is_empty() {
                return;
            }
        }
    }

    fn next_input(&mut self) -> Option<A> {
        if self.run.token.is_cancelled() {
            self.left_some = true;
            return None;
        }
        self.inputs.as_mut()?.next()
    }

    fn begin(&mut self, input: A) {
        let given = Instant::now();
        match self.ledger.begin(&input, given) {
            Begun::Known => (),
            Begun::Answered(done) => self.ready.push_back(Done { given, ..done }),
            Begun::Give(number) => match self.payload(&input) {
                Ok(payload) => self.command(Command::Give { number, payload }),
                Err(reason) => {
                    self.ledger.end(&input);
                    self.ready.push_back(Done {
                        input,
                        outcome: Err(Dead { reason }),
                        host: String::new(),
                        attempt: 0,
                        given,
                        message: None,
                        commands: self.run.commands.clone(),
                    });
                }
            },
        }
    }

    fn begin_no_more(&mut self) {
        self.inputs = None;
        self.ledger.all_known().for_each(|unwanted| unwanted.confirm());
    }

    /// The task as it travels, or why it can't.
    fn payload(&self, input: &A) -> Result<Vec<u8>, String> {
        let payload =
            serde_json::to_vec(input).map_err(|why| format!("it cannot be sent: {why}"))?;
        let room = self.run.cluster.largest_message() / 2; // it comes back with its result
        match payload.len() {
            fits if fits <= room => Ok(payload),
            large => Err(format!("it cannot be sent: {large} bytes, and there is room for {room}")),
        }
    }

    /// Waits for something to happen.
    fn wait(&mut self) -> Result<(), Error> {
        match self.run.updates.blocking_recv() {
            Some(Update::Answers(answers)) => self.read(answers),
            Some(Update::Withdrawn(numbers)) => {
                self.left_some |= !numbers.is_empty();
                self.ledger.withdraw(&numbers);
            }
            Some(Update::Lost(error)) => return Err(error),
            None => return Err(Error::server("go on with the run", "the connection has ended")),
        }
        Ok(())
    }

    /// An answer ends its task, or is a repetition, or comes before its task was begun.
    fn read(&mut self, Answers { bytes, message, published, received }: Answers) {
        self.run.backlog = self.run.backlog.saturating_sub(1);
        let (answers, all) = wire::decode_all::<A, R>(&bytes);
        self.command(Command::Read { message, answers: answers.len(), all });
        for Answer { input, outcome, host, process, attempt, spans } in answers {
            self.run.host_spans.add(&host, process, spans, published, received);
            let under_way = self.ledger.end(&input);
            let given = under_way.map_or(received, |(_, given)| given);
            let (message, commands) = (Some(message), self.run.commands.clone());
            let done = Done { input, outcome, host, attempt, given, message, commands };
            if let Some((task, _)) = under_way {
                self.command(Command::Ended(task));
                self.ready.push_back(done);
            } else if let Some(repetition) = self.ledger.keep(done.input.clone(), done) {
                repetition.confirm();
            }
        }
    }

    fn command(&self, command: Command) {
        self.run.commands.send(command).ok(); // if the driver is gone, its last update says why
    }
}

impl<A, R, I> Results<A, R, I> {
    /// Whether every task was begun. If not, the run's [token](Run::token) has stopped it before.
    pub fn all_begun(&self) -> bool {
        !self.left_some
    }
}

impl<A, R, I> Drop for Results<A, R, I> {
    /// The event loop goes on only for results that are not confirmed yet, and we don't wait for
    /// those.
    fn drop(&mut self) {
        self.run.commands.send(Command::Leave).ok();
        while self.run.updates.blocking_recv().is_some() {}
    }
}
