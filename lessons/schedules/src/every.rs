//! The threads and locks of loom, which tries one schedule after the other until it has had all.

use std::sync::Arc as Shared;
use std::sync::atomic::{AtomicUsize, Ordering};

use hands::panics::Panicked;
use loom::model::Builder;
use loom::{sync, thread};

use crate::catch::first_panic;

#[path = "watched.rs"]
mod watched;

pub use watched::*;

/// Runs a program under every schedule that makes a difference, and returns how many those are.
///
/// # Errors
///
/// What went wrong under the first schedule that breaks it, and how many were tried.
pub fn check(program: impl Fn() + Send + Sync + 'static) -> Result<usize, (usize, Panicked)> {
    run(program, None)
}

/// As [`check`], but only under schedules in which a thread that could go on is interrupted at most
/// so often. That's many fewer, and few bugs need more than two interruptions.
///
/// # Errors
///
/// As for `check`.
pub fn check_with(
    interruptions: usize,
    program: impl Fn() + Send + Sync + 'static,
) -> Result<usize, (usize, Panicked)> {
    run(program, Some(interruptions))
}

fn run(
    program: impl Fn() + Send + Sync + 'static,
    interruptions: Option<usize>,
) -> Result<usize, (usize, Panicked)> {
    let count = Shared::new(AtomicUsize::new(0));
    let counter = Shared::clone(&count);
    let counted = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        program();
    };
    let mut builder = Builder::new();
    builder.preemption_bound = interruptions;
    let result = first_panic(move || builder.check(counted));
    let count = count.load(Ordering::Relaxed);
    result.map(|()| count).map_err(|reason| (count, reason))
}
