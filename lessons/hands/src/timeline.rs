//! Records what ran when, and draws it, one row per worker.
//!
//! A program that wants to see itself starts a [`Timeline`]. It holds a [`span`] while it does
//! something that should be in the picture:
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
//! A pool does this by itself: each of its tasks has a span unless it records its own, and each of
//! its workers has a row, even if it's idle. Worker processes send their spans home with their
//! results.
//!
//! Each span also knows how long its thread [computed](Span::computed) meanwhile; the rest of its
//! time it waited, for an answer, for a lock or for a core. So a trace tells work that computes
//! from work that waits, and four threads that share two cores are seen to be half full.
//!
//! What you get is a [`Trace`]. It draws itself as [text](Trace::text), [adds up](Trace::summary)
//! where the time went, and is [written](Trace::write) in the Chrome trace-event format, which
//! [Perfetto](https://ui.perfetto.dev) opens.
//!
//! The picture shows which thread waits for a [`Mutex`] of this module, and for whom; and a circle
//! of such waits, a deadlock, is [found](on_deadlock) the moment it closes.
//!
//! Nothing is recorded until a timeline is started. From then on, a span costs two readings of the
//! clock and two of its thread's own, which is about a microsecond. At most [`LIMIT`] spans are
//! kept, and the rest are counted. There is one recording per process at a time, because spans
//! arrive from every thread of it.
//!
//! The clock is the system's monotonic one, which all processes of a machine share. So the trace
//! that a child process wrote can become part of its parent's ([`Timeline::file_for_child`]).

mod cells;
mod chrome;
mod clock;
mod entries;
mod labels;
mod meter;
mod mutex;
mod recorder;
mod recording;
mod report;
mod schedule;
mod span;
mod summary;
mod text;
mod trace;
mod wait_graph;

pub use chrome::{KIND, default_file};
pub use clock::thread_time;
pub use entries::{LockWait, Mark, Moment, Row, Section, Span, TaskId};
pub use labels::{bar_label, row_labels, row_order};
pub use mutex::{Deadlock, Mutex, MutexGuard, Stuck, on_deadlock};
pub use recorder::{is_recording, row_name};
pub use recording::Timeline;
pub use span::{SpanGuard, span, stolen_from};
pub use summary::{RowTime, Summary};
pub use text::{percent, seconds};
pub use trace::{LIMIT, Trace};

pub(crate) use meter::Meter;
pub(crate) use recorder::{WorkerGuard, mark, show_worker};
#[cfg(unix)]
pub(crate) use recorder::{show_process, show_worker_process};
#[cfg(unix)]
pub(crate) use report::{Report, include, record_for_parent, take_report};
