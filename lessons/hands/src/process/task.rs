//! Functions with names, and the list of them that both ends know.

use std::any::TypeId;
use std::io;
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::wire::{EncodedChunk, Note, put_note, put_value};
use crate::codec;
use crate::failure::Failure;
use crate::panics;

/// A function with a name, by which another process can be asked to run it.
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
    /// Gives the function `run` a name. A closure is fine if it captures nothing.
    pub const fn new(name: &'static str, run: fn(A) -> R) -> Self {
        Task { name, run }
    }

    /// The name of the task.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// A [`Task`] of any type, as [`init`](super::init) takes it.
pub trait Registered: sealed::Serve {}

impl<T: sealed::Serve> Registered for T {}

mod sealed {
    use std::any::TypeId;

    /// What a worker can do with a task whose types it doesn't know.
    pub trait Serve: Sync {
        fn name(&self) -> &'static str;
        fn types(&self) -> TypeId;
        /// Runs the task on an encoded input, and appends its answer to `out`.
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
            let input = codec::decode(input).map_err(|e| format!("its input: {e}"))?;
            let result = (self.run)(input);
            put_value(&result, out).map_err(|e| format!("its result: {e}"))
        });
        let note = match sent {
            Ok(Ok(())) => return,
            Ok(Err(reason)) => Note::Codec(reason),
            Err(panicked) => Note::Panicked(panicked),
        };
        out.truncate(start);
        put_note(&note, out);
    }
}

/// The tasks that other processes can be asked to run.
static TASKS: OnceLock<&[&dyn Registered]> = OnceLock::new();

/// Registers the tasks.
///
/// # Panics
///
/// If there are some already.
pub(super) fn register(tasks: &'static [&'static dyn Registered]) {
    assert!(
        TASKS.set(tasks).is_ok(),
        "hands::process::init is called twice; name all tasks at once"
    );
}

/// The names of the registered tasks.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TASKS.get().copied().unwrap_or_default().iter().map(|task| task.name())
}

/// Checks that processes can be started at all. The error says what to write if they can't.
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
    let twin = |(n, task): &(usize, &&dyn Registered)| {
        tasks[..*n].iter().any(|other| other.name() == task.name())
    };
    match tasks.iter().enumerate().find(twin) {
        None => Ok(()),
        Some((_, task)) => {
            error(format!("two tasks are called {:?}: give each a name of its own", task.name()))
        }
    }
}

/// The number of this task among the registered ones.
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

/// The call of this task with this input, ready to be sent.
pub(crate) fn encode_call<A, R>(task: &Task<A, R>, input: &A) -> Result<EncodedChunk, Failure>
where
    A: Serialize + 'static,
    R: 'static,
{
    let mut chunk = EncodedChunk::new(number_of(task)?, 0, None);
    chunk.push(input)?;
    Ok(chunk)
}
