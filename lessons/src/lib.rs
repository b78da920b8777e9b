//! What every step of *Many Hands* shares.
//!
//! - [`timeline`] records what ran when, and draws it: one row a worker.
//! - [`pool`] keeps a fixed number of workers and hands them tasks: Python's `multiprocessing.Pool`,
//!   in Rust.
//! - [`args`] reads values from a command line.
//! - [`panics`] turns a panic into a value.
//!
//! Arrows run one way: `pool` uses `timeline` and `panics`; the others know nobody.

pub mod args;
pub mod panics;
pub mod pool;
pub mod timeline;
