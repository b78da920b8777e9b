//! What a worker process sends home about itself.
#![cfg(unix)]

use std::mem;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::entries::Span;
use super::recorder::{self, recorder};

/// What a worker process has recorded, for its parent.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// On the only row that the process has.
    spans: Vec<Span>,
    overhead: Duration,
    delayed: Duration,
    dropped: u64,
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
        spans: mem::take(&mut trace.spans),
        overhead: trace.rows.iter_mut().map(|row| mem::take(&mut row.overhead)).sum(),
        delayed: trace.rows.iter_mut().map(|row| mem::take(&mut row.delayed)).sum(),
        dropped: mem::take(&mut trace.dropped),
    }
}

/// Adds the report of a worker process to its row.
pub(crate) fn include(pid: u32, report: Report) {
    if let Some(recorder) = recorder().as_mut() {
        let row = recorder.row_for_process(pid);
        for span in report.spans {
            recorder.trace.push_span(Span { row, ..span });
        }
        recorder.trace.add_delay(row, report.delayed);
        recorder.trace.add_overhead(row, report.overhead);
        recorder.trace.add_dropped(report.dropped);
    }
}
