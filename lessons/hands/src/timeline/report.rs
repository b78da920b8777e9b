//! What a worker process sends home about itself.
#![cfg(unix)]

use std::mem;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::entries::{LockWait, Span, TaskId};
use super::recorder::{self, recorder};

/// What a worker process has recorded, for its parent.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    spans: Vec<Reported>,
    overhead: Duration,
    delayed: Duration,
    dropped: u64,
}

/// A span of the only row that the process has.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Reported {
    name: String,
    start: Duration,
    end: Duration,
    computed: Option<Duration>,
    task: Option<TaskId>,
    waits_for: Option<LockWait>,
}

impl Report {
    /// The same spans, not as a pool's tasks: those of an initializer.
    pub(crate) fn without_tasks(mut self) -> Report {
        self.spans.iter_mut().for_each(|span| span.task = None);
        self
    }
}

/// Starts recording in a process that sends [reports](take_report) to its parent.
pub(crate) fn record_for_parent() {
    recorder::start("worker".to_owned());
}

/// What this process has recorded since the last report.
pub(crate) fn take_report() -> Report {
    let mut guard = recorder();
    let Some(recorder) = guard.as_mut() else { return Report::default() };
    let trace = &mut recorder.trace;
    Report {
        spans: trace.spans.drain(..).map(reported).collect(),
        overhead: trace.rows.iter_mut().map(|row| mem::take(&mut row.overhead)).sum(),
        delayed: trace.rows.iter_mut().map(|row| mem::take(&mut row.delayed)).sum(),
        dropped: mem::take(&mut trace.dropped),
    }
}

fn reported(span: Span) -> Reported {
    let Span { name, start, end, computed, task, waits_for, .. } = span;
    Reported { name, start, end, computed, task, waits_for }
}

/// Adds the report of a worker process to its row.
pub(crate) fn include(pid: u32, report: Report) {
    if let Some(recorder) = recorder().as_mut() {
        let row = recorder.row_for_process(pid);
        for Reported { name, start, end, computed, task, waits_for } in report.spans {
            let span = Span::new(row, name, start, end).with_computed(computed);
            recorder.trace.push_span(span.with_task(task).with_wait(waits_for));
        }
        recorder.trace.add_delay(row, report.delayed);
        recorder.trace.add_overhead(row, report.overhead);
        recorder.trace.add_dropped(report.dropped);
    }
}
