//! What a trace consists of: rows, spans, marked moments and sections.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A thread or process: one row of the picture.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// `main`, `worker 3`, `process 2`.
    pub name: String,
    /// The id of its process.
    pub pid: u32,
    /// The number of the row, which isn't the system's id of a thread.
    pub tid: u32,
    /// The index of its section, if it belongs to one.
    pub section: Option<usize>,
    /// The time that a pool's worker spent on the pool itself: between its tasks, and handing back
    /// their results. Waiting for a task is idle time.
    pub overhead: Duration,
    /// How long its thread was ready to compute but had no core: others had them. Only Linux says
    /// so.
    pub delayed: Duration,
    /// Whether it's a shared variable instead: its spans are the values that it had.
    pub is_variable: bool,
}

impl Row {
    pub(super) fn new(name: String, pid: u32, tid: u32, section: Option<usize>) -> Self {
        let (overhead, delayed) = (Duration::ZERO, Duration::ZERO);
        Row { name, pid, tid, section, overhead, delayed, is_variable: false }
    }
}

/// Something that a row did, from one time to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Span {
    /// The index of its row.
    pub row: usize,
    /// What was done: `sleep 4`.
    pub name: String,
    /// When it began.
    pub start: Duration,
    /// When it ended.
    pub end: Duration,
    /// The processor time that its thread used meanwhile: so long it computed, and the rest of its
    /// [length](Span::length) it waited. `None` if the platform has no clock for that, or if the
    /// span ended on another thread than it began.
    pub computed: Option<Duration>,
    /// The pool's task that it was part of, if any.
    pub task: Option<TaskId>,
    /// The lock that it waited for, if it is the wait for a [`Mutex`](super::Mutex).
    pub waits_for: Option<LockWait>,
    /// The name of the row whose queue its task was taken from, if another thread had put it there
    /// for itself.
    pub stolen_from: Option<String>,
}

/// The number of a pool's task. Each call of `map` or `imap` counts its inputs from 0. Submitted
/// tasks are counted from the start of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskId {
    /// Its own number.
    pub task: usize,
    /// The number of the first task of its chunk. Tasks with the same one went to a worker
    /// together.
    pub chunk: usize,
}

/// Whom a span waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockWait {
    /// The name of the lock.
    pub lock: String,
    /// The name of the row that held it when the wait began, unless it had just been given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
}

impl Span {
    /// A span of the row with this index. How long it computed isn't known.
    pub fn new(row: usize, name: impl Into<String>, start: Duration, end: Duration) -> Self {
        Span {
            row,
            name: name.into(),
            start,
            end,
            computed: None,
            task: None,
            waits_for: None,
            stolen_from: None,
        }
    }

    /// The same span, whose thread used this much processor time meanwhile.
    pub fn with_computed(self, computed: impl Into<Option<Duration>>) -> Self {
        Span { computed: computed.into(), ..self }
    }

    /// The same span, as a part of a pool's task.
    pub fn with_task(self, task: impl Into<Option<TaskId>>) -> Self {
        Span { task: task.into(), ..self }
    }

    /// The same span, as the wait for a lock.
    pub fn with_wait(self, waits_for: impl Into<Option<LockWait>>) -> Self {
        Span { waits_for: waits_for.into(), ..self }
    }

    /// The same span, whose task was stolen from the row of this name.
    pub fn with_stolen(self, stolen_from: impl Into<Option<String>>) -> Self {
        Span { stolen_from: stolen_from.into(), ..self }
    }

    /// How long it waited: for something, or for a core. `None` if [`computed`](Span::computed) is.
    pub fn waited(&self) -> Option<Duration> {
        Some(self.length().saturating_sub(self.computed?))
    }

    /// How long it took.
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }

    /// Whether the two went on at the same time, if only for a moment.
    pub fn overlaps(&self, other: &Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// A moment on a row.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Moment {
    /// The index of its row.
    pub row: usize,
    /// What happened.
    pub mark: Mark,
    /// When.
    pub at: Duration,
}

/// What happened at a moment. Inputs are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A pool has taken this input from the caller's iterator.
    Taken(usize),
    /// A pool has handed the result for this input to the caller.
    Yielded(usize),
}

/// A part of a run that has a picture of its own.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Section {
    /// The name of the part: `thread-pool`.
    pub name: String,
    /// When it began.
    pub start: Duration,
    /// When it ended.
    pub end: Duration,
    /// How long the cores of this machine computed for other processes meanwhile, child processes
    /// of this one among them. `None` if that isn't known: only Linux says so.
    pub elsewhere: Option<Duration>,
}

impl Section {
    /// How long it took.
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }
}
