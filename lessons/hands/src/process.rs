//! Processes that run one of this program's functions: Python's `multiprocessing.Process`.
//!
//! A child process is this same program, started again. Nothing is shared with it and nothing
//! copied, so it must be told what to do by name: a [`Task`] is a function with a name, and
//! [`init`], the first line of `main`, says which tasks there are. In a child `init` does not return:
//! there it runs what the parent asks for, until the parent has no more to ask.
//!
//! ```standalone_crate
//! use hands::process::{self, Process, Task};
//!
//! const GREET: Task<String, String> = Task::new("greet", |name| {
//!     format!("Hello {name}, from process {}", std::process::id())
//! });
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     process::init(&[&GREET]);
//!     let child = Process::spawn(&GREET, "Ferris".to_owned())?;
//!     let pid = child.pid();
//!     assert_eq!(child.join()?, format!("Hello Ferris, from process {pid}"));
//!     Ok(())
//! }
//! ```
//!
//! That first line is what `if __name__ == "__main__":` is in Python: without it a child would do all
//! that the parent does, and start children of its own. Here it is an error to forget it.
//!
//! What goes in and comes out travels as bytes, so both must be `Serialize` and `Deserialize`:
//! numbers, texts, structs of them. An open file, a lock, a closure cannot travel. Bytes themselves
//! go fastest in a type that knows it is bytes, such as `serde_bytes::ByteBuf`; a `Vec<u8>` is
//! encoded number by number.
//!
//! Values travel with the names of their fields and variants. So whatever serde can describe arrives as it
//! was, also where the type alone does not say what will come:
//!
//! ```standalone_crate
//! use std::collections::BTreeMap;
//!
//! use hands::process::{self, Process, Task};
//! use serde::{Deserialize, Serialize};
//! use serde_json::json;
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! struct Job {
//!     link: String,
//!     #[serde(skip_serializing_if = "Option::is_none")]
//!     width: Option<u32>,
//!     #[serde(flatten)]
//!     rest: BTreeMap<String, serde_json::Value>,
//! }
//!
//! const CHECK: Task<Job, Job> = Task::new("check", |job| job);
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     process::init(&[&CHECK]);
//!     let rest = [("tags".to_owned(), json!(["red", 7, null]))].into();
//!     let job = Job { link: "https://example.org/a.jpg".to_owned(), width: None, rest };
//!     assert_eq!(Process::spawn(&CHECK, job.clone())?.join()?, job);
//!     Ok(())
//! }
//! ```
//!
//! What cannot travel is a [`Failure::Codec`], or for the input of a [`Process`] an error of `spawn`: a value
//! longer than 256 MiB; one that is nested more than 256 deep, lists and maps and `Some` in each other; a `u128` or
//! `i128` inside `untagged`, `flatten` or `tag = "…"`, where serde has no place for it.
//!
//! # What a child process shares with its parent
//!
//! Standard output and standard error, the environment and the current folder, as they were when it
//! started. Its standard input is empty. Its arguments (`std::env::args`) are its own. It is in a
//! process group of its own, so Ctrl-C reaches the parent alone; and when the parent ends, however it
//! ends, its children end within a moment, busy or not.
//!
//! The programs that a task starts are in the group of its process, and live no longer than that. When the process
//! is gone, however it went (its task is done and [joined](Process::join), it was dropped or killed, it crashed, its
//! parent died), what is left of the group is killed, within a moment. A program that is to live on needs a group of its
//! own: `Command::process_group(0)`. (If the parent was itself started to ignore `SIGCHLD`, as some daemons do with their
//! children, the system tells nobody who has crashed, and what a crashed process has started lives on.)

mod leader;
mod limits;
mod serve;
mod wire;
mod worker;

use std::any::TypeId;
use std::io;
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crate::failure::Failure;
pub(crate) use limits::{MAX_WORKERS, check_room};
pub(crate) use wire::{Answer, Note, Work, decode};
pub(crate) use worker::{Lost, Until, Worker};

use crate::{panics, timeline};

/// A function that can be asked for in another process: it has a name there, too.
///
/// ```
/// use hands::process::Task;
///
/// fn count_primes(below: u32) -> usize {
///     (2..below).filter(|n| (2..*n).all(|d| n % d != 0)).count()
/// }
/// const COUNT_PRIMES: Task<u32, usize> = Task::new("count_primes", count_primes);
/// ```
#[derive(Debug)]
pub struct Task<A, R> {
    name: &'static str,
    run: fn(A) -> R,
}

impl<A, R> Task<A, R> {
    /// Gives the function `run` a name. A closure will do, if it captures nothing.
    pub const fn new(name: &'static str, run: fn(A) -> R) -> Self {
        Task { name, run }
    }

    /// What the task is called.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// A [`Task`] of any type, as [`init`] takes it.
pub trait Registered: sealed::Serve {}

impl<T: sealed::Serve> Registered for T {}

mod sealed {
    use std::any::TypeId;

    /// What a worker needs of a task whose types it does not know.
    pub trait Serve: Sync {
        fn name(&self) -> &'static str;
        fn types(&self) -> TypeId;
        /// Runs the task on an encoded input, and appends the frame of its answer to `out`.
        fn answer(&self, input: &[u8], out: &mut Vec<u8>);
    }
}

impl<A, R> sealed::Serve for Task<A, R>
where
    A: DeserializeOwned + 'static,
    R: Serialize + 'static,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn types(&self) -> TypeId {
        TypeId::of::<fn(A) -> R>()
    }

    fn answer(&self, input: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        let sent = panics::catch(|| {
            let input = decode(input).map_err(|e| format!("its input: {e}"))?;
            let result = (self.run)(input);
            wire::put_value(&result, out).map_err(|e| format!("its result: {e}"))
        });
        let note = match sent {
            Ok(Ok(())) => return,
            Ok(Err(reason)) => Note::Codec(reason),
            Err(panicked) => Note::Panicked(panicked),
        };
        out.truncate(start);
        wire::put_note(&note, out);
    }
}

/// The tasks that other processes can be asked for.
static TASKS: OnceLock<&[&dyn Registered]> = OnceLock::new();

/// Says which tasks there are. Call it in the first line of `main`: in a worker process it serves and
/// never returns, so whatever stands before it is done again by each of them.
///
/// See the [module](self) for an example.
///
/// # Panics
///
/// If it is called twice.
pub fn init(tasks: &'static [&'static dyn Registered]) {
    assert!(
        TASKS.set(tasks).is_ok(),
        "hands::process::init is called twice; name all tasks at once"
    );
    if worker::depth().is_some() {
        serve::serve(tasks);
    }
}

/// Whether processes can be started at all, and if not what to write.
pub(crate) fn check_init() -> io::Result<()> {
    let error = |message| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    let Some(tasks) = TASKS.get() else {
        return error(
            "worker processes are this program, started again: begin main with \
             hands::process::init(&[…]) and name the tasks there \
             (a #[test] has no main of its own; set harness = false for that test target)"
                .to_owned(),
        );
    };
    for (n, task) in tasks.iter().enumerate() {
        if tasks[..n].iter().any(|other| other.name() == task.name()) {
            return error(format!(
                "two tasks are called {:?}: give each a name of its own",
                task.name()
            ));
        }
    }
    Ok(())
}

/// Which of the registered tasks this is.
pub(crate) fn number_of<A, R>(task: &Task<A, R>) -> Result<u32, Failure>
where
    A: 'static,
    R: 'static,
{
    let tasks = TASKS.get().copied().unwrap_or_default();
    let types = TypeId::of::<fn(A) -> R>();
    match tasks.iter().position(|t| t.name() == task.name && t.types() == types) {
        Some(number) => Ok(number as u32),
        None => Err(Failure::Unregistered { name: task.name }),
    }
}

/// A child process that runs one task.
///
/// Dropping it without [`join`](Process::join) ends it.
#[derive(Debug)]
#[must_use = "a process that is dropped ends at once"]
pub struct Process<R> {
    worker: Worker,
    answer: std::marker::PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned + 'static> Process<R> {
    /// Starts a process that runs `task` on `input`, and returns without waiting for it.
    ///
    /// # Errors
    ///
    /// If [`init`] was not called, or not with this task; if the input cannot be encoded; if the system
    /// cannot start another process, or 4096 of this program's are alive.
    pub fn spawn<A: Serialize + 'static>(task: &Task<A, R>, input: A) -> io::Result<Self> {
        let process = Process::spawn_untraced(task, input)?;
        timeline::show_process(process.pid());
        Ok(process)
    }

    /// As [`spawn`](Process::spawn), but without a row in the timeline: for a process that tells in another way what it
    /// does.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Process::spawn).
    pub fn spawn_untraced<A: Serialize + 'static>(task: &Task<A, R>, input: A) -> io::Result<Self> {
        check_init()?;
        let invalid = |message| io::Error::new(io::ErrorKind::InvalidInput, message);
        let number = number_of(task).map_err(|failure| invalid(format!("the task {failure}")))?;
        let mut work = Work::new(number, 0);
        work.push(&input).map_err(|e| invalid(format!("the input could not be sent: {e}")))?;
        let mut worker = Worker::spawn()?;
        worker.send(work.bytes());
        Ok(Process { worker, answer: std::marker::PhantomData })
    }

    /// The number by which the system knows the process.
    pub fn pid(&self) -> u32 {
        self.worker.pid()
    }

    /// Ends the process at once, whatever it is doing: [`join`](Process::join) returns
    /// [`Failure::Crashed`] then, unless the result was there already.
    pub fn kill(&mut self) {
        self.worker.kill();
    }

    /// Waits until the task has ended, and returns its result.
    ///
    /// # Errors
    ///
    /// If the task panicked, or its process died, or the result cannot be sent.
    pub fn join(mut self) -> Result<R, Failure> {
        if let Err(error) = greet(&mut self.worker) {
            return Err(match self.worker.death() {
                killed @ Failure::Crashed { signal: Some(_), .. } => killed,
                _ => Failure::NoWorker { reason: error.to_string() },
            });
        }
        let Ok(result) = self.worker.outcome(None) else {
            return Err(self.worker.death());
        };
        self.worker.end();
        result
    }
}

/// Waits until a new worker is ready.
pub(crate) fn greet(worker: &mut Worker) -> io::Result<()> {
    let tasks = TASKS.get().copied().unwrap_or_default();
    let names: Vec<&str> = tasks.iter().map(|task| task.name()).collect();
    worker.greet(&names)
}
