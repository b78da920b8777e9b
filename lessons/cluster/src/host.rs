//! One host of workers: takes tasks, has them done, stores each result, and only then says that the
//! task is done.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel;
use hands::println;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch};

use crate::connect::Cluster;
use crate::desk::{Desk, Made, Taken};
use crate::error::Error;
use crate::names;
use crate::signals::stop_at_signals;
use crate::wire::{self, Answer, End, Stretch};

/// So often a task is given to a worker, at most: if none of them has come back with a result, it is
/// put aside as dead.
pub const DELIVERIES: u32 = 5;

/// A task, as its worker sees it.
#[derive(Debug)]
pub struct Job<A> {
    /// What the driver gave.
    pub input: A,
    /// Which time it is that a worker has it, counted from 1. More than once means that a worker was
    /// lost with it, or a connection.
    pub delivery: u32,
    /// The run that it belongs to.
    pub run: String,
    stretches: Mutex<Vec<(String, String, Instant, Instant)>>,
}

impl<A> Job<A> {
    /// Says that this thread works on `name` from now until the returned guard is dropped. It travels to
    /// the driver's timeline, onto the row of this thread of this host.
    pub fn span(&self, name: impl Into<String>) -> JobSpan<'_, A> {
        JobSpan { job: self, name: name.into(), start: Instant::now() }
    }
}

/// Ends its span when it is dropped. Made by [`Job::span`].
#[derive(Debug)]
#[must_use = "a span ends when its guard is dropped: keep it in a variable such as `_span`"]
pub struct JobSpan<'j, A> {
    job: &'j Job<A>,
    name: String,
    start: Instant,
}

impl<A> Drop for JobSpan<'_, A> {
    fn drop(&mut self) {
        let row = thread::current().name().unwrap_or("worker").to_owned();
        let name = std::mem::take(&mut self.name);
        let mut stretches = self.job.stretches.lock().unwrap_or_else(PoisonError::into_inner);
        stretches.push((row, name, self.start, Instant::now()));
    }
}

/// What a worker says of a task that it could not do, and that another try may help. After
/// [`DELIVERIES`] of them the task is dead, for this reason.
///
/// What another try cannot help is a result, as `Err` inside the task's own type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again(pub String);

/// A host of workers.
#[derive(Debug, Clone)]
pub struct Host {
    name: String,
    at_once: usize,
    row: String,
    limit: Duration,
    listens: bool,
}

impl Host {
    /// A host that does so many tasks at once, on as many threads.
    pub fn new(name: impl Into<String>, at_once: usize) -> Host {
        Host {
            name: name.into(),
            at_once,
            row: "worker".to_owned(),
            limit: Duration::from_secs(60 * 60),
            listens: false,
        }
    }

    /// A name that no other host has: the machine's, and the number of this process.
    pub fn default_name() -> String {
        let machine = gethostname::gethostname();
        let letters = machine.to_string_lossy().chars().take(20).collect::<String>();
        let letters = letters.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        format!("{letters}_{}", std::process::id())
    }

    /// What its threads are called, for their rows in the timeline: `worker` if not said.
    #[must_use]
    pub fn threads_called(self, row: impl Into<String>) -> Host {
        Host { row: row.into(), ..self }
    }

    /// How long a task may take: one that is slower goes to another worker. An hour if not said.
    #[must_use]
    pub fn limit(self, limit: Duration) -> Host {
        Host { limit, ..self }
    }

    /// Stops when its driver says so. For the hosts of a private cluster; those of a shared one stop at
    /// SIGINT and SIGTERM.
    #[must_use]
    pub fn stops_with_driver(self) -> Host {
        Host { listens: true, ..self }
    }

    /// Does tasks until it is told to stop: by a first Ctrl-C (or SIGTERM), which lets what was begun come
    /// to its end; a second one ends the program at once. Returns how many it has done.
    ///
    /// `work` is called on several threads. If it panics, that task is dead, and the host goes on.
    ///
    /// # Errors
    /// If the threads cannot be started. What goes wrong later, with the server or with a task, ends
    /// nothing: the host goes on when it can.
    pub fn serve<A, R>(
        &self,
        cluster: &Cluster,
        work: impl Fn(&Job<A>) -> Result<R, Again> + Sync,
    ) -> Result<u64, Error>
    where
        A: Serialize + DeserializeOwned + Send + 'static,
        R: Serialize + Send,
    {
        if !names::is_good(&self.name) {
            return Err(Error::Name { what: "host", name: self.name.clone() });
        }
        let largest = cluster.largest_message();
        let (jobs, taken) = channel::unbounded::<Taken>();
        let (finished, ends) = mpsc::unbounded_channel();
        thread::scope(|s| {
            for n in 1..=self.at_once {
                let (taken, finished, work) = (taken.clone(), finished.clone(), &work);
                let worker = move || {
                    for task in taken {
                        let made = self.answer(&task, largest, work);
                        if finished.send((task.sequence, made)).is_err() {
                            break; // the host has stopped
                        }
                    }
                };
                let thread = thread::Builder::new().name(format!("{} {n}", self.row));
                let started = thread.spawn_scoped(s, worker);
                started.map_err(|why| {
                    let all = self.at_once;
                    Error::system(format!("start worker {n} of {all} (ask for fewer)"), why)
                })?;
            }
            let desk = Desk::new(cluster, &self.name, self.at_once, self.limit, jobs, ends);
            Ok(cluster.runtime.block_on(async {
                if self.listens {
                    return desk.run_until_told().await;
                }
                let (sender, stop) = watch::channel(false);
                let note = |note: &str| println!("{note}");
                tokio::spawn(stop_at_signals(note, move || _ = sender.send(true)));
                desk.run(stop).await
            }))
        })
    }

    /// Does the task on this thread, and says what is to be stored.
    fn answer<A, R>(
        &self,
        task: &Taken,
        largest: usize,
        work: &(impl Fn(&Job<A>) -> Result<R, Again> + Sync),
    ) -> Made
    where
        A: Serialize + DeserializeOwned,
        R: Serialize,
    {
        let input: A = match serde_json::from_slice(&task.payload) {
            Ok(input) => input,
            Err(why) => return Made::unreadable(why),
        };
        let delivery = task.delivery;
        let job = Job { input, delivery, run: task.run.clone(), stretches: Mutex::default() };
        let end = if delivery > DELIVERIES {
            End::Dead(format!("{DELIVERIES} workers took it, and none of them came back"))
        } else {
            match catch_unwind(AssertUnwindSafe(|| work(&job))) {
                Ok(Ok(result)) => End::Done(result),
                Ok(Err(Again(_))) if delivery < DELIVERIES => return Made::Again,
                Ok(Err(Again(reason))) => {
                    End::Dead(format!("{reason}, as at the {} tries before", DELIVERIES - 1))
                }
                Err(panic) => End::Dead(format!("it panicked: {}", message_of(&*panic))),
            }
        };
        let Job { input, stretches, .. } = job;
        let stretches = sent(stretches.into_inner().unwrap_or_else(PoisonError::into_inner));
        let (host, process) = (self.name.clone(), std::process::id());
        let mut answer = Answer { input, end, host, process, delivery, stretches };
        let why = match wire::packed(&answer) {
            Ok(bytes) if bytes.len() <= largest => return Made::stored(bytes, answer.end),
            Ok(bytes) => format!("{} bytes, and the server takes {largest}", bytes.len()),
            Err(why) => why.to_string(),
        };
        answer.end = End::Dead(format!("its result cannot be sent: {why}"));
        match wire::packed(&answer) {
            Ok(bytes) => Made::stored(bytes, answer.end),
            Err(why) => Made::unreadable(why),
        }
    }
}

/// Spans as they travel: how long ago they began and ended.
fn sent(stretches: Vec<(String, String, Instant, Instant)>) -> Vec<Stretch> {
    let now = Instant::now();
    let ago = |moment| now.saturating_duration_since(moment);
    let stretches = stretches.into_iter();
    stretches
        .map(|(row, name, start, end)| Stretch { row, name, began: ago(start), ended: ago(end) })
        .collect()
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it said nothing")
}
