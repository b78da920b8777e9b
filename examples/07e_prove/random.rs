//! Under shuttle, which chooses at random who goes on.

use schedules::random::{Arc, Condvar, Mutex, Number, spawn};

#[path = "bugs.rs"]
mod bugs;

pub(crate) use bugs::*;
