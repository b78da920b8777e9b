//! What every step does around its idea.
//!
//! - A [`Run`] is the stopwatch and the timeline: it starts both, and shows both at the end.
//! - [`RunArgs`], [`Sleeps`], [`WorkerCounts`], [`WorkersPerCore`], [`Kind`] and [`Ways`] are flags
//!   that several steps have. [`seconds`], [`workers`] and [`timeline`] read the values of flags by
//!   the same rules everywhere.
//! - [`do_something`] and [`sleep()`] are the tasks of steps 01 and 03, for the steps after them.
//! - [`files`] makes sure that no file named on the command line destroys another.
//! - [`text`] makes what strangers wrote fit to be shown.

pub mod files;
mod flags;
mod run;
mod sleep;
pub mod text;
mod values;
mod ways;

pub use flags::{Kind, RunArgs, Sleeps, WorkerCounts, WorkersPerCore, one_per_core};
pub use run::{Run, advise_release};
pub use sleep::{do_something, sleep};
pub use values::{seconds, timeline, workers};
pub use ways::{OneOrAll, Ways, name};
