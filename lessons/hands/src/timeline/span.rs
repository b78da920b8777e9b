//! Spans of this thread.

use std::borrow::Cow;
use std::cell::Cell;
use std::time::Duration;

use super::clock;
use super::recorder::{is_recording, with_row};
use super::trace::{Span, TaskId};

/// Records that this thread does `name`, from now until the returned guard is dropped.
///
/// Rows are easier to read if a thread does one thing at a time: end a span before the next one
/// begins. Spans that begin with the same word have the same colour (`blur cat.png`, `blur
/// dog.png`).
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

/// Records a span of this thread that began at `start` and ends now.
pub(super) fn record(name: String, start: Duration) {
    let end = clock::now();
    COUNT.set(COUNT.get() + 1);
    let task = TASK.get();
    with_row(|recorder, row| recorder.trace.push_span(Span { row, name, start, end, task }));
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
}
