//! A run, from the driver's side: inputs go in, results come out as they complete.

use std::collections::VecDeque;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use crate::connect::Cluster;
use crate::driver::{Command, Driver, Event};
use crate::error::Error;
use crate::ledger::{Begun, Ledger};
use crate::names;
use crate::signals::stop_at_signals;
use crate::story::Story;
use crate::streams::{Keeping, patience};
use crate::wire::{self, Answer, End};

/// How a run is driven.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How the run is driven")]
pub struct Driving {
    /// Go on with a run whose driver has ended before its tasks had
    #[arg(long, value_name = "RUN")]
    pub resume: Option<String>,

    /// How many tasks are with the server or with workers at the same time, at most
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = window)]
    pub window: usize,

    /// Give up when nothing has moved for so long, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = patience)]
    pub give_up: Duration,

    /// How the server keeps the tasks.
    #[command(flatten)]
    pub keeping: Keeping,
}

impl Default for Driving {
    fn default() -> Self {
        Driving {
            resume: None,
            window: 1000,
            give_up: Duration::from_secs(60),
            keeping: Keeping::default(),
        }
    }
}

fn window(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=50_000) => Ok(number),
        _ => Err("a window is a whole number from 1 to 50000".to_owned()),
    }
}

/// What a task's end was, for the driver: its result, or why nobody will try it again.
pub type Outcome<R> = Result<R, Dead>;

/// A task that nobody will try again: it panicked, or no worker came back with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Dead {
    /// What happened.
    pub reason: String,
}

/// A run of one driver: its tasks and its results, and nobody else's.
pub struct Run {
    /// It holds the runtime on which the driver lives.
    cluster: Cluster,
    id: String,
    window: usize,
    resumed: bool,
    /// Answers that the driver before has left.
    left: u64,
    commands: mpsc::UnboundedSender<Command>,
    events: mpsc::UnboundedReceiver<Event>,
    taken: Arc<AtomicU64>,
    stop: Arc<Stop>,
    story: Arc<Story>,
}

/// Whether a run was stopped, and whether that has left something undone.
#[derive(Debug, Default)]
struct Stop {
    stopped: AtomicBool,
    left_some: AtomicBool,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Opens a run: makes the streams on the server, if this is the first, and says who drives it. `note`
    /// is called with what a person may want to know meanwhile: that there is no worker, that the server
    /// has gone and come back.
    ///
    /// # Errors
    /// If the streams on the server are not as we need them; if the run to resume is not there, or is
    /// being driven.
    pub fn run(
        &self,
        driving: &Driving,
        note: impl Fn(&str) + Send + 'static,
    ) -> Result<Run, Error> {
        if let Some(run) = driving.resume.as_ref().filter(|run| !names::is_good(run)) {
            return Err(Error::Name { what: "run", name: run.clone() });
        }
        let id = driving.resume.clone().unwrap_or_else(names::fresh);
        let (commands, to_do) = mpsc::unbounded_channel();
        let (told, events) = mpsc::unbounded_channel();
        let taken = Arc::default();
        let (driver, left) = self.runtime.block_on(Driver::open(self, &id, driving))?;
        self.runtime.spawn(driver.run(to_do, told, Arc::clone(&taken), note));
        Ok(Run {
            cluster: self.clone(),
            id,
            window: driving.window,
            resumed: driving.resume.is_some(),
            left,
            commands,
            events,
            taken,
            stop: Arc::default(),
            story: Arc::default(),
        })
    }
}

impl Run {
    /// What it is called, for `--resume`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Stops it from another thread: see [`Stopper::stop`].
    pub fn stopper(&self) -> Stopper {
        Stopper { stop: Arc::clone(&self.stop), commands: self.commands.downgrade() }
    }

    /// [Stops](Stopper::stop) it at the first Ctrl-C, and `note` is told. The second one ends the program at once,
    /// with exit code 130.
    pub fn stop_at_ctrl_c(&self, note: impl Fn(&str) + Send + 'static) -> Stopper {
        let (stopper, stop) = (self.stopper(), self.stopper());
        self.cluster.runtime.spawn(stop_at_signals(note, move || stop.stop()));
        stopper
    }

    /// What the hosts did when, so far: for [`Story::add_to`].
    pub fn story(&self) -> Arc<Story> {
        Arc::clone(&self.story)
    }

    /// Gives each input to some worker, and yields the results as they complete.
    ///
    /// It is lazy on both ends, as `imap_unordered` of a pool is: when the caller asks for a result, inputs
    /// are taken until as many tasks as the window has room for are under way. Inputs are distinct: an input
    /// that equals one under way is that one.
    ///
    /// It ends when each task has ended once, or with an error. Then the server forgets the run, as soon as each result
    /// is [confirmed](Done::confirm). After an error, or if it is dropped early, what was given stays with the
    /// server, for `--resume`.
    pub fn imap_unordered<A, R, I>(self, inputs: I) -> Results<A, R, I::IntoIter>
    where
        A: Serialize + DeserializeOwned + Eq + Hash + Clone,
        R: DeserializeOwned,
        I: IntoIterator<Item = A>,
    {
        Results {
            ledger: Ledger::new(self.window, self.resumed),
            left: self.left,
            run: self,
            inputs: Some(inputs.into_iter()),
            ready: VecDeque::new(),
            over: false,
            result: PhantomData,
        }
    }
}

/// Stops a run early.
#[derive(Debug, Clone)]
pub struct Stopper {
    stop: Arc<Stop>,
    /// It does not keep the run open.
    commands: mpsc::WeakUnboundedSender<Command>,
}

impl Stopper {
    /// No further task begins: inputs are no longer taken, and tasks that no worker has are taken back
    /// from the server. What was begun comes to its end, and then the results do.
    pub fn stop(&self) {
        self.stop.stopped.store(true, Ordering::Release);
        if let Some(commands) = self.commands.upgrade() {
            commands.send(Command::Withdraw).ok();
        }
    }

    /// Whether it was stopped before all tasks were begun.
    pub fn has_left_some(&self) -> bool {
        self.stop.left_some.load(Ordering::Acquire)
    }
}

/// A task that has ended.
#[derive(Debug)]
pub struct Done<A, R> {
    /// What was given.
    pub input: A,
    /// What came of it.
    pub outcome: Outcome<R>,
    /// The host that did it; empty, if no host could be given it.
    pub host: String,
    /// Which time it was that a worker took it, counted from 1.
    pub delivery: u32,
    /// When it was given to the server.
    pub given: Instant,
    /// Of the message in which it came.
    number: Option<u64>,
    commands: mpsc::UnboundedSender<Command>,
}

impl<A, R> Done<A, R> {
    /// Says that this result is safe, or not needed: the server forgets it. Until then it is kept, for whoever
    /// resumes the run.
    pub fn confirm(&self) {
        if let Some(number) = self.number {
            self.commands.send(Command::Confirm(number)).ok();
        }
    }
}

/// Yields results as they complete. See [`Run::imap_unordered`].
pub struct Results<A, R, I> {
    run: Run,
    ledger: Ledger<A, Instant, Early<R>>,
    inputs: Option<I>,
    /// Answers that the driver before has left, and that have not come yet.
    left: u64,
    ready: VecDeque<Done<A, R>>,
    over: bool,
    result: PhantomData<R>,
}

/// An answer that came before its task was begun.
#[derive(Debug)]
struct Early<R> {
    end: End<R>,
    host: String,
    delivery: u32,
    number: Option<u64>,
}

impl<A, R, I> fmt::Debug for Results<A, R, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").field("run", &self.run).finish_non_exhaustive()
    }
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
            // First what the driver before has left: none of that must be done again.
            if self.left == 0 {
                self.begin_some();
            }
            if let Some(done) = self.ready.pop_front() {
                return Some(Ok(done));
            }
            if self.left == 0 && self.inputs.is_none() && self.ledger.under_way() == 0 {
                self.over = true;
                self.command(Command::Finish);
                return None;
            }
            match self.run.events.blocking_recv() {
                Some(Event::Answer { bytes, number, published, received }) => {
                    self.run.taken.fetch_add(1, Ordering::Relaxed);
                    self.left = self.left.saturating_sub(1);
                    self.answered(&bytes, number, published, received);
                }
                Some(Event::Withdrawn(numbers)) => {
                    if !numbers.is_empty() {
                        self.run.stop.left_some.store(true, Ordering::Release);
                    }
                    self.ledger.withdraw(&numbers);
                }
                Some(Event::Lost(lost)) => {
                    self.over = true;
                    return Some(Err(lost(self.ledger.under_way())));
                }
                None => {
                    self.over = true;
                    return Some(Err(Error::server(
                        "go on with the run",
                        "the connection has ended",
                    )));
                }
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
    /// Gives inputs to the server while the window has room; but only one, if an answer waits for us: inputs may be
    /// slow to come.
    fn begin_some(&mut self) {
        while let Some(inputs) = &mut self.inputs
            && self.ledger.has_room()
            && self.ready.is_empty()
        {
            let stopped = self.run.stop.stopped.load(Ordering::Acquire);
            self.run.stop.left_some.fetch_or(stopped, Ordering::AcqRel);
            let Some(input) = (if stopped { None } else { inputs.next() }) else {
                self.inputs = None;
                for early in self.ledger.all_known() {
                    self.confirm(early.number);
                }
                return;
            };
            let given = Instant::now();
            match self.ledger.begin(&input, given) {
                Begun::Known => (),
                Begun::Answered(early) => {
                    let done = self.done(input, early, given);
                    self.ready.push_back(done);
                }
                Begun::Give(number) => match self.payload(&input) {
                    Ok(payload) => self.command(Command::Give { number, payload }),
                    Err(reason) => {
                        self.ledger.end(&input);
                        let end = End::Dead(reason);
                        let nobody = Early { end, host: String::new(), delivery: 0, number: None };
                        let done = self.done(input, nobody, given);
                        self.ready.push_back(done);
                    }
                },
            }
            if !self.run.events.is_empty() {
                return;
            }
        }
    }

    /// The task as it travels, or why it cannot.
    fn payload(&self, input: &A) -> Result<Vec<u8>, String> {
        let payload =
            serde_json::to_vec(input).map_err(|why| format!("it cannot be sent: {why}"))?;
        let room = self.run.cluster.largest_message() / 2; // it comes back with its result
        match payload.len() {
            fits if fits <= room => Ok(payload),
            large => Err(format!("it cannot be sent: {large} bytes, and there is room for {room}")),
        }
    }

    /// Answers have come, back to back. Each ends a task; or it is a repetition, and forgotten; or its task has not
    /// begun yet.
    fn answered(&mut self, mut bytes: &[u8], number: u64, published: Duration, received: Instant) {
        let mut answers = Vec::new();
        while let Some((answer, rest)) = wire::first::<A, R>(bytes) {
            answers.push(answer);
            bytes = rest;
        }
        let all_read = bytes.is_empty();
        self.command(Command::Counted { number, answers: answers.len(), all_read });
        for Answer { input, end, host, process, delivery, stretches } in answers {
            self.run.story.add(&host, process, stretches, published, received);
            let early = Early { end, host, delivery, number: Some(number) };
            match self.ledger.end(&input) {
                Some((task, given)) => {
                    self.command(Command::Ended(task));
                    let done = self.done(input, early, given);
                    self.ready.push_back(done);
                }
                None => {
                    if let Some(repeated) = self.ledger.keep(input, early) {
                        self.confirm(repeated.number);
                    }
                }
            }
        }
    }

    fn confirm(&self, number: Option<u64>) {
        if let Some(number) = number {
            self.command(Command::Confirm(number));
        }
    }

    fn command(&self, command: Command) {
        self.run.commands.send(command).ok(); // or the driver has ended, and says so in its last event
    }

    fn done(&self, input: A, early: Early<R>, given: Instant) -> Done<A, R> {
        let Early { end, host, delivery, number } = early;
        let outcome = match end {
            End::Done(result) => Ok(result),
            End::Dead(reason) => Err(Dead { reason }),
        };
        Done { input, outcome, host, delivery, given, number, commands: self.run.commands.clone() }
    }
}

impl<A, R, I> Drop for Results<A, R, I> {
    /// The driver leaves: it waits only for results that are not confirmed yet, and we do not wait for that.
    fn drop(&mut self) {
        self.run.commands.send(Command::Leave).ok();
        while self.run.events.blocking_recv().is_some() {}
    }
}
