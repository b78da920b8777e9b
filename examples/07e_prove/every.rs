//! Under loom, which tries every schedule.

use schedules::every::{Arc, Condvar, Mutex, Number, spawn};

#[path = "bugs.rs"]
mod bugs;

pub(crate) use bugs::*;
