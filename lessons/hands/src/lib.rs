//! What every step of *Many Hands* shares.
//!
//! - [`timeline`] records what ran when, and draws it: one row a worker.
//! - [`pool`] keeps a fixed number of workers and hands them tasks: Python's `multiprocessing.Pool`,
//!   in Rust.
//! - [`process`] runs one of the program's functions in a process of its own; [`codec`] is how values get there.
//! - [`plot`] draws measurements: curves over an axis.
//! - [`args`] reads values from a command line, and [`files`] sees to it that no file named there destroys another.
//! - [`output`] prints, also when nobody reads any more; [`text`] makes fit to be shown what strangers wrote.
//! - [`panics`] turns a panic into a value; [`failure`] names all the ways in which a task can fail.
//!
//! Arrows run one way: `pool` uses `process`, both use `timeline`, `failure` and `panics`, and `args` uses `files`.
//! `plot`, `panics`, `text` and `files` know none of the others.

#[cfg(unix)]
pub mod codec;
pub mod failure;
pub mod files;
pub mod output;
pub mod panics;
mod patience;
pub mod pool;
#[cfg(unix)]
pub mod process;
pub mod timeline;
