//! Real threads, with the locks of the standard library.

use std::{sync, thread};

#[path = "watched.rs"]
mod watched;

pub use watched::*;
