//! The threads and locks of shuttle, which runs one thread at a time and chooses at random which.

use shuttle::{sync, thread};

#[path = "watched.rs"]
mod watched;

pub use watched::*;
