//! Spans of this thread.

use std::borrow::Cow;
use std::cell::Cell;
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::clock;
use super::entries::{LockWait, Span, TaskId};
use super::recorder::{is_recording, with_row};

/// A span that is at least as long as this one asks how long its thread had no core. That takes a
/// few microseconds.
const LONG: Duration = Duration::from_millis(2);

/// Records that this thread does `name`, from now until the returned guard is dropped, and how much
/// of that time it computed.
///
/// Rows are easier to read if a thread does one thing at a time: end a span before the next one
/// begins. Spans that begin with the same word have the same colour (`blur cat.png`, `blur
/// dog.png`).
pub fn span(name: impl Into<Cow<'static, str>>) -> SpanGuard {
    SpanGuard { open: is_recording().then(|| (name.into(), Opened::now())) }
}

/// Ends its span when it is dropped. Made by [`span`].
#[derive(Debug)]
#[must_use = "a span ends when its guard is dropped: keep it in a variable such as `_span`"]
pub struct SpanGuard {
    open: Option<(Cow<'static, str>, Opened)>,
}

impl Drop for SpanGuard {
    fn drop(&mut self) {
        if let Some((name, opened)) = self.open.take() {
            opened.record(name.into_owned(), None);
        }
    }
}

/// The beginning of a span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    pub(super) at: Duration,
    /// The processor time that this thread had used by then.
    used: Option<Duration>,
    thread: ThreadId,
}

impl Opened {
    pub(super) fn now() -> Self {
        if DELAY.get().is_none() {
            DELAY.set(clock::thread_delay()); // what came before isn't ours
        }
        Opened { at: clock::now(), used: clock::thread_time(), thread: thread::current().id() }
    }

    /// Records a span of this thread that ends now, and returns its end.
    pub(super) fn record(self, name: String, waits_for: Option<LockWait>) -> Duration {
        let used = if self.thread == thread::current().id() { clock::thread_time() } else { None };
        let end = clock::now();
        let computed = used.zip(self.used).map(|(after, before)| after.saturating_sub(before));
        COUNT.set(COUNT.get() + 1);
        let delay = if end.saturating_sub(self.at) < LONG { Duration::ZERO } else { new_delay() };
        with_row(|recorder, row| {
            let span = Span::new(row, name, self.at, end).with_computed(computed);
            let span = span.with_task(TASK.get()).with_wait(waits_for).with_stolen(STOLEN.take());
            recorder.trace.push_span(span);
            recorder.trace.add_delay(row, delay);
        });
        end
    }
}

/// How long this thread has had no core since the last call.
fn new_delay() -> Duration {
    let Some(delay) = clock::thread_delay() else { return Duration::ZERO };
    delay.saturating_sub(DELAY.replace(Some(delay)).unwrap_or(delay))
}

/// Says that this thread is about to run a task that another one had queued for itself: the next
/// span that ends here was stolen from the row of this name, the other thread's
/// [`row_name`](super::row_name).
pub fn stolen_from(owner: impl Into<String>) {
    STOLEN.set(Some(owner.into()));
}

/// How many spans this thread has recorded.
pub(super) fn count() -> u64 {
    COUNT.get()
}

/// Makes `task` the one that this thread's spans belong to.
pub(super) fn set_task(task: Option<TaskId>) {
    TASK.set(task);
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    /// The pool's task that this thread is running, if any.
    static TASK: Cell<Option<TaskId>> = const { Cell::new(None) };
    /// Whose task this thread has stolen.
    static STOLEN: Cell<Option<String>> = const { Cell::new(None) };
    /// How long this thread had been without a core when it was last asked.
    static DELAY: Cell<Option<Duration>> = const { Cell::new(None) };
}
