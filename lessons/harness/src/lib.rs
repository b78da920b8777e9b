//! Starts programs and watches them: for the tests, the benchmarks, the book's tool and the
//! challenges.
//!
//! | module | |
//! |---|---|
//! | `wait` | waiting until something holds |
//! | `processes` | what the system says about processes |
//! | `output` | what a process prints, read as it comes |
//! | `child` | a process that never outlives whoever started it |
//! | `cargo` | cargo, as a reader would call it |
//! | `step`, `run` | a step, run as a reader would, and what it left behind |
//! | `compare` | what a step printed, beside another run |
//! | `drawn` | the same, beside its own pictures |
//! | `pythons`, `rustc` | the Python twins, and programs of a single file |
//!
//! Each uses only those above it. From `step` on they need the feature `steps`.
#![cfg_attr(
    feature = "steps",
    doc = r#"
```no_run
use harness::Step;

let run = Step::new("03_pool").args(["--seconds", "0.05"]).run();
assert!(run.status.success());
assert_eq!(run.trace().at_once(), 4);
```

A test builds the step itself, once, just as `cargo run` would: `cargo test --test 03_pool` alone doesn't
build examples. Tests judge concurrency by the [trace](Run::trace), never by the wall clock. What a step
prints is compared after [`redact`] has taken out whatever differs from run to run."#
)]

mod cargo;
mod child;
mod output;
mod processes;
mod wait;

pub use cargo::{cargo, example, executable, features, root};
pub use child::{Child, kill_group};
pub use output::{Output, Reader};
pub use processes::{
    children, command_line, cpu_time_of_children, has_in_environment, is_alive, status_kib,
    switches_while_ready, thread_states,
};
pub use wait::{HANGS, poll, wait_for, wait_until};

#[cfg(feature = "steps")]
mod compare;
#[cfg(feature = "steps")]
mod drawn;
#[cfg(feature = "steps")]
mod pythons;
#[cfg(feature = "steps")]
mod run;
#[cfg(feature = "steps")]
mod rustc;
#[cfg(feature = "steps")]
mod step;

#[cfg(feature = "steps")]
pub use compare::{compare, redact, redact_asked};
#[cfg(feature = "steps")]
pub use drawn::{differs_from_plot, differs_from_timeline};
#[cfg(feature = "steps")]
pub use pythons::{Python, python_for, pythons};
#[cfg(feature = "steps")]
pub use run::{Run, Running};
#[cfg(feature = "steps")]
pub use rustc::{Compiled, compile, errors, rustc};
#[cfg(feature = "steps")]
pub use step::Step;
