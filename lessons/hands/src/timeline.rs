//! What ran when: records spans, and draws them as one row a worker.
//!
//! A program that wants a picture of itself starts a [`Timeline`], and says of each piece of work
//! that matters when it begins and ends, by holding a [`span`]:
//!
//! ```
//! use hands::timeline::{Timeline, span};
//! use std::{thread, time::Duration};
//!
//! let timeline = Timeline::start("kitchen");
//! thread::scope(|s| {
//!     for dish in ["soup", "bread"] {
//!         s.spawn(move || {
//!             let _span = span(dish); // ends when it is dropped
//!             thread::sleep(Duration::from_millis(20));
//!         });
//!     }
//! });
//! let trace = timeline.stop();
//! assert_eq!(trace.at_once(), 2); // both were cooking at the same time
//! println!("{}", trace.text());
//! ```
//!
//! Nothing is recorded until a timeline is started, and a span then costs two readings of the
//! clock. At most [`LIMIT`] spans are kept; the rest are counted. There is one recording at a time
//! in a process, because work arrives from every thread of it.
//!
//! The clock is the system's monotonic one, which all processes of a machine share: the trace that
//! a child process wrote becomes part of its parent's ([`Timeline::file_for_child`]).

mod chrome;
mod clock;
mod text;
mod trace;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread, ThreadId};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use chrome::KIND;
pub use text::seconds;
pub use trace::{Mark, Moment, Row, RowTime, Section, Span, Summary, TaskId, Trace};

/// Where the trace of a step goes if no other file is given: `target/timelines/<step>.json`.
pub fn default_file(step: &str) -> PathBuf {
    Path::new("target/timelines").join(step).with_extension("json")
}

/// How many spans, and how many marks, one recording keeps. What comes later is counted in
/// [`Trace::dropped`], so that a run of ten million tasks does not fill the memory with its own
/// story.
pub const LIMIT: usize = 100_000;

static RECORDING: AtomicBool = AtomicBool::new(false);
static RECORDER: Mutex<Option<Recorder>> = Mutex::new(None);

/// The recording of this process, from [`start`](Timeline::start) to [`finish`](Timeline::finish).
#[derive(Debug)]
#[must_use = "a timeline that is dropped at once records nothing"]
pub struct Timeline {
    step: String,
}

impl Timeline {
    /// Starts recording. `step` names the run, and the file its trace goes to.
    ///
    /// A timeline that is already running in this process is replaced, and what it had is lost.
    pub fn start(step: impl Into<String>) -> Self {
        let step = step.into();
        let trace = Trace::new(step.clone(), clock::now());
        let mut fresh = Recorder { trace, ..Recorder::default() };
        fresh.row_of_thread(&thread::current()); // whoever starts the timeline is its first row
        *recorder() = Some(fresh);
        RECORDING.store(true, Ordering::Release);
        Timeline { step }
    }

    /// Begins a new section: what is recorded from here on is drawn as a picture of its own. For a
    /// step that does the same work in several ways.
    pub fn section(&self, name: impl Into<String>) {
        let mut guard = recorder();
        let Some(recorder) = guard.as_mut() else { return };
        recorder.end_section(clock::now());
        recorder.section = Some(recorder.trace.begin_section(name.into(), clock::now()));
        recorder.unnamed = 0;
        recorder.row_of_thread(&thread::current()); // whoever starts the section leads it
        for (who, name) in &recorder.workers {
            let row = recorder.trace.push_row(name.clone(), who.pid(), recorder.section);
            recorder.rows.insert(*who, row);
        }
    }

    /// Ends the section, if there is one, and returns what was recorded in it, without the traces of
    /// [child processes](Timeline::file_for_child). What is recorded until the next section belongs to none.
    pub fn end_section(&self) -> Trace {
        let now = clock::now();
        let mut guard = recorder();
        let part = guard.as_mut().and_then(|recorder| {
            let open = recorder.section?;
            recorder.end_section(now);
            Some(recorder.trace.clone().closed(now).part(open))
        });
        part.unwrap_or_else(|| Trace::new(self.step.clone(), now))
    }

    /// A file for a child process to [write](Trace::write) its own trace to. What is there when this
    /// timeline ends becomes part of it, as the row `process 1`, and the file is removed. The next
    /// call gives the file of `process 2`.
    ///
    /// A child that is killed writes nothing, and has no row.
    pub fn file_for_child(&self) -> PathBuf {
        let mut guard = recorder();
        let number = guard.as_mut().map_or(1, Recorder::next_process);
        let name = format!("{}-{}-process-{number}.json", self.step, std::process::id());
        let file = std::env::temp_dir().join(name);
        if let Some(recorder) = guard.as_mut() {
            let child = Child { number, section: recorder.section, file: file.clone() };
            recorder.children.push(child);
        }
        file
    }

    /// Stops recording and returns what was recorded.
    #[must_use]
    pub fn stop(self) -> Trace {
        RECORDING.store(false, Ordering::Release);
        let now = clock::now();
        let Some(mut recorder) = recorder().take() else {
            return Trace::new(self.step, now); // another timeline took its place
        };
        recorder.end_section(now);
        let Recorder { mut trace, children, .. } = recorder;
        for Child { number, section, file } in children {
            if let Ok(child) = Trace::read(&file) {
                trace.include(child, &format!("process {number}"), section, LIMIT);
                let _ = std::fs::remove_file(file); // it lies among the temporary files
            }
        }
        trace.closed(now)
    }

    /// Stops recording, prints the rows, and writes the trace to `file`, or to
    /// `target/timelines/<step>.json` if there is none given.
    ///
    /// # Errors
    ///
    /// If the trace cannot be written. The error names the file.
    pub fn finish(self, file: Option<PathBuf>) -> io::Result<Trace> {
        let trace = self.stop();
        trace.show(file)?;
        Ok(trace)
    }
}

/// Whether a timeline is running in this process.
pub fn is_recording() -> bool {
    RECORDING.load(Ordering::Acquire)
}

/// Says that this thread works on `name` from now until the returned guard is dropped.
///
/// Rows are read more easily if a thread works on one thing at a time: end a span before the next
/// begins. The first word of the name picks the colour (`download cat.png`, `blur cat.png`).
pub fn span(name: impl Into<Cow<'static, str>>) -> SpanGuard {
    SpanGuard { open: is_recording().then(|| (name.into(), clock::now())) }
}

/// Ends its span when it is dropped. Made by [`span`].
#[derive(Debug)]
#[must_use = "a span ends when its guard is dropped: keep it in a variable such as `_span`"]
pub struct SpanGuard {
    open: Option<(Cow<'static, str>, Duration)>,
}

impl Drop for SpanGuard {
    fn drop(&mut self) {
        if let Some((name, start)) = self.open.take() {
            record(name.into_owned(), start);
        }
    }
}

/// Gives this thread a row in every section until the returned guard is dropped, whether or not it
/// has anything to show there: a worker that had nothing to do is part of the story.
pub(crate) fn show_worker() -> WorkerGuard {
    let who = Who::Thread(thread::current().id());
    with_row(|(recorder, row)| {
        let name = recorder.trace.rows[row].name.clone();
        recorder.workers.push((who, name));
    });
    WorkerGuard(who)
}

/// The same for another process, which has the row `name`.
pub(crate) fn show_worker_process(pid: u32, name: &str) -> WorkerGuard {
    let who = Who::Process(pid);
    if let Some(recorder) = recorder().as_mut() {
        recorder.row_of(who, || name.to_owned());
        recorder.workers.push((who, name.to_owned()));
    }
    WorkerGuard(who)
}

/// Gives a process that has just been started the row `process N`.
pub(crate) fn show_process(pid: u32) {
    if let Some(recorder) = recorder().as_mut() {
        let number = recorder.next_process();
        recorder.row_of(Who::Process(pid), || format!("process {number}"));
    }
}

pub(crate) struct WorkerGuard(Who);

impl Drop for WorkerGuard {
    fn drop(&mut self) {
        if let Some(recorder) = recorder().as_mut() {
            recorder.workers.retain(|(who, _)| *who != self.0);
        }
    }
}

/// What a worker process tells its parent.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    spans: Vec<(String, Duration, Duration, Option<TaskId>)>,
    overhead: Duration,
    dropped: u64,
}

impl Report {
    /// The same of work that is none of a pool's tasks, such as an initializer.
    pub(crate) fn of_no_task(mut self) -> Report {
        self.spans.iter_mut().for_each(|span| span.3 = None);
        self
    }
}

/// Starts recording in a process whose parent draws the picture. See [`take_report`].
pub(crate) fn record_for_parent() {
    std::mem::forget(Timeline::start("worker"));
}

/// What this process has recorded since the last time.
pub(crate) fn take_report() -> Report {
    let mut guard = recorder();
    let Some(recorder) = guard.as_mut() else { return Report::default() };
    let trace = &mut recorder.trace;
    Report {
        spans: trace
            .spans
            .drain(..)
            .map(|span| (span.name, span.start, span.end, span.task))
            .collect(),
        overhead: trace.rows.iter_mut().map(|row| std::mem::take(&mut row.overhead)).sum(),
        dropped: std::mem::take(&mut trace.dropped),
    }
}

/// Adds what a worker process tells to its row.
pub(crate) fn include(pid: u32, report: Report) {
    if let Some(recorder) = recorder().as_mut() {
        let row = recorder.row_of(Who::Process(pid), || format!("process {pid}"));
        for (name, start, end, task) in report.spans {
            recorder.trace.push_span(Span { row, name, start, end, task }, LIMIT);
        }
        recorder.trace.rows[row].overhead += report.overhead;
        recorder.trace.dropped += report.dropped;
    }
}

/// Tells a worker's time on its tasks from its time on the pool's own business.
pub(crate) struct Meter {
    start: Option<Duration>,
    on_tasks: Duration,
    /// The number of the first task, by which the chunk is known.
    chunk: Option<usize>,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Meter { start: is_recording().then(clock::now), on_tasks: Duration::ZERO, chunk: None }
    }

    /// Runs a task. If it records no span of its own, it gets one.
    pub(crate) fn task<R>(&mut self, number: usize, task: impl FnOnce() -> R) -> R {
        if self.start.is_none() {
            return task();
        }
        let chunk = *self.chunk.get_or_insert(number);
        TASK.set(Some(TaskId { task: number, chunk }));
        let (start, spans) = (clock::now(), SPANS.get());
        let result = task();
        if SPANS.get() == spans {
            record(format!("task {number}"), start);
        }
        TASK.set(None);
        self.on_tasks += clock::now().saturating_sub(start);
        result
    }

    /// Books what did not go into tasks as this row's overhead.
    pub(crate) fn stop(self) {
        if let Some(start) = self.start {
            let overhead = clock::now().saturating_sub(start + self.on_tasks);
            with_row(|(recorder, row)| recorder.trace.rows[row].overhead += overhead);
        }
    }
}

/// Records a span of this thread that began at `start` and ends now.
fn record(name: String, start: Duration) {
    let end = clock::now();
    SPANS.set(SPANS.get() + 1);
    let task = TASK.get();
    with_row(|(recorder, row)| {
        recorder.trace.push_span(Span { row, name, start, end, task }, LIMIT);
    });
}

/// Marks a moment on this thread's row.
pub(crate) fn mark(mark: Mark) {
    with_row(|(recorder, row)| recorder.trace.push_moment(row, mark, clock::now(), LIMIT));
}

/// Whose row it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    /// A thread of this process.
    Thread(ThreadId),
    /// Another process.
    Process(u32),
}

impl Who {
    fn pid(self) -> u32 {
        match self {
            Who::Thread(_) => std::process::id(),
            Who::Process(pid) => pid,
        }
    }
}

/// A child process that writes its own trace.
struct Child {
    number: usize,
    section: Option<usize>,
    file: PathBuf,
}

#[derive(Default)]
struct Recorder {
    trace: Trace,
    /// The section that is open, if one is.
    section: Option<usize>,
    /// Which row each has in the open section.
    rows: HashMap<Who, usize>,
    /// How many rows of the open section belong to threads without a name.
    unnamed: usize,
    /// The workers of the pools that are alive.
    workers: Vec<(Who, String)>,
    /// How many child processes have been given a number.
    processes: usize,
    children: Vec<Child>,
}

impl Recorder {
    /// Ends the section that is open. From then on everybody needs a new row.
    fn end_section(&mut self, now: Duration) {
        if let Some(open) = self.section.take() {
            self.trace.sections[open].end = now;
        }
        self.rows.clear();
    }

    /// The row of `who` in the open section, which is added if this is the first word of it there.
    fn row_of(&mut self, who: Who, name: impl FnOnce() -> String) -> usize {
        if let Some(&row) = self.rows.get(&who) {
            return row;
        }
        let row = self.trace.push_row(name(), who.pid(), self.section);
        self.rows.insert(who, row);
        row
    }

    /// The row of a thread of this process.
    fn row_of_thread(&mut self, thread: &Thread) -> usize {
        let who = Who::Thread(thread.id());
        if thread.name().is_none() && !self.rows.contains_key(&who) {
            self.unnamed += 1;
        }
        let unnamed = self.unnamed;
        self.row_of(who, || match thread.name() {
            Some(name) => name.to_owned(),
            None => format!("thread {unnamed}"),
        })
    }

    /// The number of the next child process, counted from 1.
    fn next_process(&mut self) -> usize {
        self.processes += 1;
        self.processes
    }
}

thread_local! {
    /// How many spans this thread has recorded.
    static SPANS: Cell<u64> = const { Cell::new(0) };
    /// The task that this thread is doing for a pool, if it is.
    static TASK: Cell<Option<TaskId>> = const { Cell::new(None) };
}

fn recorder() -> MutexGuard<'static, Option<Recorder>> {
    // A thread that panicked while it held the lock leaves at worst one span too few.
    RECORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `f` with the recorder and this thread's row.
fn with_row(f: impl FnOnce((&mut Recorder, usize))) {
    if !is_recording() {
        return;
    }
    if let Some(recorder) = recorder().as_mut() {
        let row = recorder.row_of_thread(&thread::current());
        f((recorder, row));
    }
}
