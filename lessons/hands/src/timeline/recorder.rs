//! The recording of this process while it goes on: one value behind a lock.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock;
use super::entries::{LockWait, Mark, Span};
use super::trace::Trace;
use crate::sync::thread::{self, Thread, ThreadId};

static RECORDING: AtomicBool = AtomicBool::new(false);
static RECORDER: Mutex<Option<Recorder>> = Mutex::new(None);

/// Whether a timeline is running in this process.
pub fn is_recording() -> bool {
    RECORDING.load(Ordering::Acquire)
}

/// Starts a recording, whose first row is this thread's. If there was one before, it is lost.
pub(super) fn start(name: String) {
    let now = clock::now();
    let elsewhere = clock::elsewhere();
    let mut fresh =
        Recorder { trace: Trace::new(name, now, now), elsewhere, ..Recorder::default() };
    fresh.row_for_thread(&thread::current());
    *recorder() = Some(fresh);
    RECORDING.store(true, Ordering::Release);
}

/// Stops the recording, and returns it unless there was none.
pub(super) fn stop() -> Option<Recorder> {
    RECORDING.store(false, Ordering::Release);
    recorder().take()
}

/// The recording, if there is one.
pub(super) fn recorder() -> MutexGuard<'static, Option<Recorder>> {
    // If a thread panicked while it held the lock, at worst a span is missing.
    RECORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `f` with the recorder and this thread's row.
pub(super) fn with_row(f: impl FnOnce(&mut Recorder, usize)) {
    if !is_recording() {
        return;
    }
    if let Some(recorder) = recorder().as_mut() {
        let row = recorder.row_for_thread(&thread::current());
        f(recorder, row);
    }
}

/// What the row of this thread is called.
pub(super) fn name_of(thread: &Thread) -> String {
    match recorder().as_mut() {
        Some(recorder) => {
            let row = recorder.row_for_thread(thread);
            recorder.trace.rows[row].name.clone()
        }
        None => thread.name().unwrap_or("a thread").to_owned(),
    }
}

/// What the row of this thread is called, if a timeline is running in this process.
pub fn row_name() -> Option<String> {
    is_recording().then(|| name_of(&thread::current()))
}

/// Remembers that this thread waits for a lock, in case it never gets it.
pub(super) fn begin_wait(thread: &Thread, start: Duration, name: &str, waits_for: &LockWait) {
    if let Some(recorder) = recorder().as_mut() {
        let (name, waits_for) = (name.to_owned(), waits_for.clone());
        recorder.waiting.insert(thread.id(), Waiting { start, name, waits_for });
    }
}

/// The thread got it.
pub(super) fn end_wait(thread: &Thread) {
    if let Some(recorder) = recorder().as_mut() {
        recorder.waiting.remove(&thread.id());
    }
}

/// Marks a moment on this thread's row.
pub(crate) fn mark(mark: Mark) {
    with_row(|recorder, row| recorder.trace.push_moment(row, mark, clock::now()));
}

/// Gives this thread a row in every section until the returned guard is dropped, even if it has
/// nothing to show there: a worker that had nothing to do is part of the story.
pub(crate) fn show_worker() -> WorkerGuard {
    let who = Who::Thread(thread::current().id());
    with_row(|recorder, row| {
        let name = recorder.trace.rows[row].name.clone();
        recorder.workers.push((who, name));
    });
    WorkerGuard(who)
}

/// Does the same for another process, whose row is called `name`.
#[cfg(unix)]
pub(crate) fn show_worker_process(pid: u32, name: &str) -> WorkerGuard {
    let who = Who::Process(pid);
    if let Some(recorder) = recorder().as_mut() {
        recorder.process_names.insert(pid, name.to_owned());
        recorder.row_for(who, || name.to_owned());
        recorder.workers.push((who, name.to_owned()));
    }
    WorkerGuard(who)
}

/// Gives a process that has just been started the row `process N`.
#[cfg(unix)]
pub(crate) fn show_process(pid: u32) {
    if let Some(recorder) = recorder().as_mut() {
        recorder.process_names.remove(&pid); // an earlier process may have had the same id
        recorder.row_for_process(pid);
    }
}

/// Keeps a worker's row in every section until it is dropped.
#[derive(Debug)]
pub(crate) struct WorkerGuard(Who);

impl Drop for WorkerGuard {
    fn drop(&mut self) {
        if let Some(recorder) = recorder().as_mut() {
            recorder.workers.retain(|(who, _)| *who != self.0);
        }
    }
}

/// The owner of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
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
pub(super) struct Child {
    pub(super) number: usize,
    pub(super) section: Option<usize>,
    pub(super) file: PathBuf,
}

/// A wait for a lock that goes on.
struct Waiting {
    start: Duration,
    name: String,
    waits_for: LockWait,
}

/// What has been recorded so far, and who has which row.
#[derive(Default)]
pub(super) struct Recorder {
    pub(super) trace: Trace,
    /// The section that is open, if one is.
    pub(super) section: Option<usize>,
    /// What [`clock::elsewhere`] was when the recording began, and when the section did.
    elsewhere: Option<Duration>,
    section_elsewhere: Option<Duration>,
    /// The rows of the open section.
    rows: HashMap<Who, usize>,
    /// How many rows of the open section belong to threads without a name.
    unnamed: usize,
    /// The workers of all living pools.
    workers: Vec<(Who, String)>,
    /// How many child processes have a number.
    processes: usize,
    /// The names of those that we know by their ids, for sections that begin later.
    process_names: HashMap<u32, String>,
    pub(super) children: Vec<Child>,
    waiting: HashMap<ThreadId, Waiting>,
}

impl Recorder {
    /// Begins a new section, in which this thread leads and every worker has a row.
    pub(super) fn begin_section(&mut self, name: String, now: Duration) {
        self.end_section(now);
        self.section = Some(self.trace.begin_section(name, now));
        self.section_elsewhere = clock::elsewhere();
        self.unnamed = 0;
        self.row_for_thread(&thread::current());
        for (who, name) in &self.workers {
            let row = self.trace.push_row(name.clone(), who.pid(), self.section);
            self.rows.insert(*who, row);
        }
    }

    /// Ends the section that is open. From then on everybody needs a new row.
    pub(super) fn end_section(&mut self, now: Duration) {
        self.add_waits(now);
        if let Some(open) = self.section.take() {
            self.trace.sections[open].end = now;
            self.trace.sections[open].elsewhere = since(self.section_elsewhere);
        }
        self.rows.clear();
    }

    /// Adds the waits that go on, as far as they have come: whoever is stuck waits to the end.
    fn add_waits(&mut self, now: Duration) {
        let begin = self.section.map_or(self.trace.start, |open| self.trace.sections[open].start);
        for (thread, Waiting { start, name, waits_for }) in &self.waiting {
            if let Some(&row) = self.rows.get(&Who::Thread(*thread)) {
                let span = Span::new(row, name, (*start).max(begin), now);
                self.trace
                    .push_span(span.with_computed(Duration::ZERO).with_wait(waits_for.clone()));
            }
        }
    }

    /// Ends the recording.
    pub(super) fn end(&mut self, now: Duration) {
        self.end_section(now);
        self.trace.elsewhere = since(self.elsewhere);
    }

    /// The row of `who` in the open section, added if there isn't one yet.
    pub(super) fn row_for(&mut self, who: Who, name: impl FnOnce() -> String) -> usize {
        if let Some(&row) = self.rows.get(&who) {
            return row;
        }
        let row = self.trace.push_row(name(), who.pid(), self.section);
        self.rows.insert(who, row);
        row
    }

    /// The row of a thread of this process.
    pub(super) fn row_for_thread(&mut self, thread: &Thread) -> usize {
        let who = Who::Thread(thread.id());
        if thread.name().is_none() && !self.rows.contains_key(&who) {
            self.unnamed += 1;
        }
        let unnamed = self.unnamed;
        self.row_for(who, || match thread.name() {
            Some(name) => name.to_owned(),
            None => format!("thread {unnamed}"),
        })
    }

    /// The row of another process: `process N`, unless it has another name.
    #[cfg(unix)]
    pub(super) fn row_for_process(&mut self, pid: u32) -> usize {
        if !self.process_names.contains_key(&pid) {
            let number = self.next_process();
            self.process_names.insert(pid, format!("process {number}"));
        }
        let name = self.process_names[&pid].clone();
        self.row_for(Who::Process(pid), || name)
    }

    /// The number of the next child process, counted from 1.
    pub(super) fn next_process(&mut self) -> usize {
        self.processes += 1;
        self.processes
    }
}

/// How long other processes have computed since then.
fn since(then: Option<Duration>) -> Option<Duration> {
    clock::elsewhere().zip(then).map(|(now, then)| now.saturating_sub(then))
}
