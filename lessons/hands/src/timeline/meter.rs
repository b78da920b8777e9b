//! How a pool's worker spends its time.

use std::time::Duration;

use super::clock;
use super::entries::TaskId;
use super::recorder::{is_recording, with_row};
use super::span::{Opened, count, set_task};

/// Tells the time that a worker spends on a chunk's tasks from the time it spends on the pool's own
/// business.
pub(crate) struct Meter {
    /// When the chunk began. `None` if nothing is recorded.
    start: Option<Duration>,
    on_tasks: Duration,
    /// The number of the chunk's first task, which identifies the chunk.
    chunk: Option<usize>,
}

impl Meter {
    /// Begins a chunk.
    pub(crate) fn start() -> Self {
        Meter { start: is_recording().then(clock::now), on_tasks: Duration::ZERO, chunk: None }
    }

    /// Runs a task. If it records no span of its own, it gets one.
    pub(crate) fn task<R>(&mut self, number: usize, task: impl FnOnce() -> R) -> R {
        if self.start.is_none() {
            return task();
        }
        let chunk = *self.chunk.get_or_insert(number);
        set_task(Some(TaskId { task: number, chunk }));
        let (opened, before) = (Opened::now(), count());
        let result = task();
        let end = if count() == before {
            opened.record(format!("task {number}"), None)
        } else {
            clock::now()
        };
        set_task(None);
        self.on_tasks += end.saturating_sub(opened.at);
        result
    }

    /// Ends the chunk, and adds what didn't go into its tasks to this row's overhead.
    pub(crate) fn stop(self) {
        if let Some(start) = self.start {
            let overhead = clock::now().saturating_sub(start + self.on_tasks);
            with_row(|recorder, row| recorder.trace.add_overhead(row, overhead));
        }
    }
}
