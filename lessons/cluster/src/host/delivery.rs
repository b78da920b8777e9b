//! A task as its worker sees it.

use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use hands::timeline::thread_time;

use crate::wire::HostSpan;

/// How many times a task is tried. If no attempt brings a result, the task is dead.
pub const MAX_ATTEMPTS: u32 = 5;

/// A task that was delivered to a worker.
#[derive(Debug)]
pub struct Delivery<A> {
    /// What the driver gave.
    pub input: A,
    /// Which attempt this is, counted from 1. If it is not the first one, a worker or a connection
    /// was lost before.
    pub attempt: u32,
    spans: Mutex<Vec<Recorded>>,
}

#[derive(Debug)]
struct Recorded {
    row: String,
    name: String,
    start: Instant,
    end: Instant,
    computed: Option<Duration>,
}

impl<A> Delivery<A> {
    pub(super) fn new(input: A, attempt: u32) -> Self {
        Delivery { input, attempt, spans: Mutex::default() }
    }

    /// Records that this thread works on `name` from now until the returned guard is dropped. The
    /// span travels to the driver's timeline, where this thread of this host has a row.
    pub fn span(&self, name: impl Into<String>) -> DeliverySpan<'_, A> {
        DeliverySpan {
            delivery: self,
            name: name.into(),
            start: Instant::now(),
            used: thread_time(),
            thread: thread::current().id(),
        }
    }

    /// The input, and the spans as they travel: how long ago they began and ended.
    pub(super) fn into_input_and_spans(self) -> (A, Vec<HostSpan>) {
        let now = Instant::now();
        let ago = |moment| now.saturating_duration_since(moment);
        let spans = self.spans.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter();
        let spans = spans.map(|Recorded { row, name, start, end, computed }| HostSpan {
            row,
            name,
            began: ago(start),
            ended: ago(end),
            computed,
        });
        (self.input, spans.collect())
    }
}

/// Ends its span when it is dropped. Made by [`Delivery::span`].
#[derive(Debug)]
#[must_use = "a span ends when its guard is dropped: keep it in a variable such as `_span`"]
pub struct DeliverySpan<'d, A> {
    delivery: &'d Delivery<A>,
    name: String,
    start: Instant,
    /// The processor time that this thread had used by then.
    used: Option<Duration>,
    thread: ThreadId,
}

impl<A> Drop for DeliverySpan<'_, A> {
    fn drop(&mut self) {
        let this = thread::current();
        let used = if this.id() == self.thread { thread_time() } else { None };
        let computed = used.zip(self.used).map(|(after, before)| after.saturating_sub(before));
        let row = this.name().unwrap_or("worker").to_owned();
        let name = std::mem::take(&mut self.name);
        let mut spans = self.delivery.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.push(Recorded { row, name, start: self.start, end: Instant::now(), computed });
    }
}

/// What a worker returns for a task that it couldn't do and that another attempt may help. After
/// [`MAX_ATTEMPTS`] of them the task is dead, for this reason.
///
/// A failure that no other attempt can help is a result: an `Err` in the task's own type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry(pub String);
