//! With real threads.

use schedules::real::{Arc, Condvar, Mutex, Number, spawn};

#[path = "bugs.rs"]
mod bugs;

pub(crate) use bugs::*;
