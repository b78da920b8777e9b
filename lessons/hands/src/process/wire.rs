//! The protocol between a program and its worker processes.
//!
//! A *frame* is its length and that many bytes. The worker greets with [`Note::Hello`]. After that
//! the parent sends *chunks*, each as one frame or several, and the worker sends one answer for
//! each task, in the order of the tasks. At any time it may say that a chunk was cancelled. Values
//! are encoded by [`codec`](crate::codec). All numbers of fixed width have their lowest byte first.

mod answer;
mod cancel;
mod chunk;
mod deadline;
mod frames;
mod value;

pub(crate) use answer::{Answer, Note};
pub(super) use answer::{put_note, put_value};
pub(super) use cancel::cancelled_by;
pub(crate) use cancel::put_cancel;
pub(crate) use chunk::EncodedChunk;
pub(super) use chunk::Header;
pub(super) use deadline::Deadline;
pub(super) use frames::Frames;
pub(super) use value::split_value;
