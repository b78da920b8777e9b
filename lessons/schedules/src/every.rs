//! The threads and locks of loom, which tries one schedule after the other until it has had all.

use std::sync::Arc as Shared;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::model::Builder;
use loom::{sync, thread};

use crate::catch::{catch, quietly};

#[path = "watched.rs"]
mod watched;

pub use watched::*;

/// Runs a program under every schedule that makes a difference, and returns how many those are.
///
/// # Errors
///
/// What went wrong under the first schedule that breaks it, and how many were tried.
pub fn check(program: impl Fn() + Send + Sync + 'static) -> Result<usize, (usize, String)> {
    let count = Shared::new(AtomicUsize::new(0));
    let counter = Shared::clone(&count);
    let counted = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        program();
    };
    let result = quietly(|| catch(|| Builder::new().check(counted)));
    let count = count.load(Ordering::Relaxed);
    result.map(|()| count).map_err(|reason| (count, reason))
}
