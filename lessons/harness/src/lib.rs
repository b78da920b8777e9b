//! Runs the steps as a reader would, and reads back what they printed, drew and saved.
//!
//! ```no_run
//! use harness::Step;
//!
//! let run = Step::new("03_pool").args(["--seconds", "0.05"]).run();
//! assert!(run.status.success());
//! assert_eq!(run.trace().at_once(), 4);
//! ```
//!
//! A test builds the step itself, once, as `cargo run` would: `cargo test --test 03_pool` alone
//! does not build examples. Concurrency is judged from the [trace](Run::trace), never from the wall
//! clock. What a step prints is compared after [`redact`] has taken out what differs from run to run.

mod compare;
mod drawn;
mod processes;
mod pythons;
mod rustc;
mod step;

pub use compare::{Order, compare, redact, redact_asked};
pub use drawn::{differs_from_plot, differs_from_timeline};
pub use processes::{children, lives, status_kib};
pub use pythons::{Python, python_for, pythons};
pub use rustc::{Compiled, compile, compile_with, errors};
pub use step::{HANGS, Run, Running, Step, cargo, executable, features, root, wait_for};
