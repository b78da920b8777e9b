//! A trace on disk, in the Chrome trace-event format.

mod format;
mod read;
mod write;

pub use write::{KIND, default_file};
