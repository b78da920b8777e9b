//! Functions of this program that run in a process of their own, as in Python's
//! `multiprocessing.Process`.
//!
//! A child process is this same program, started again. It shares nothing with its parent and gets
//! no copy of anything, so it must be told by name what to do: a [`Task`] is a function with a
//! name, and [`init`], in the first line of `main`, says which tasks there are. In a child `init`
//! doesn't return. It runs what the parent asks for, until the parent has nothing more to ask.
//!
//! ```standalone_crate
//! use hands::process::{self, Process, Task};
//!
//! const GREET: Task<String, String> = Task::new("greet", |name| {
//!     format!("Hello {name}, from process {}", std::process::id())
//! });
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     process::init(&[&GREET]);
//!     let child = Process::spawn(&GREET, "Ferris".to_owned())?;
//!     let pid = child.pid();
//!     assert_eq!(child.join()?, format!("Hello Ferris, from process {pid}"));
//!     Ok(())
//! }
//! ```
//!
//! The first line is what `if __name__ == "__main__":` is in Python. Without it, a child would do
//! everything that its parent does, and start children of its own. Here you can't forget it:
//! spawning is an error until `init` was called.
//!
//! # What can travel
//!
//! Inputs and results travel as bytes, so both must be `Serialize` and `Deserialize`: numbers,
//! texts, structs of them. An open file, a lock or a closure can't travel. Bytes are fastest in a
//! type that says they are bytes, such as `serde_bytes::ByteBuf`; a `Vec<u8>` is encoded number by
//! number.
//!
//! Values travel with the names of their fields and variants. So whatever serde can describe
//! arrives as it was, even if the type alone doesn't say what will come:
//!
//! ```standalone_crate
//! use std::collections::BTreeMap;
//!
//! use hands::process::{self, Process, Task};
//! use serde::{Deserialize, Serialize};
//! use serde_json::json;
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! struct Picture {
//!     link: String,
//!     #[serde(skip_serializing_if = "Option::is_none")]
//!     width: Option<u32>,
//!     #[serde(flatten)]
//!     rest: BTreeMap<String, serde_json::Value>,
//! }
//!
//! const CHECK: Task<Picture, Picture> = Task::new("check", |picture| picture);
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     process::init(&[&CHECK]);
//!     let rest = [("tags".to_owned(), json!(["red", 7, null]))].into();
//!     let picture = Picture { link: "https://example.org/a.jpg".to_owned(), width: None, rest };
//!     assert_eq!(Process::spawn(&CHECK, picture.clone())?.join()?, picture);
//!     Ok(())
//! }
//! ```
//!
//! A value that can't travel is a [`Failure::Codec`] or, if it's the input of a [`Process`], an
//! error of `spawn`:
//!
//! - a value longer than 256 MiB;
//! - one in which lists, maps and `Some` are nested more than 256 levels deep;
//! - a `u128` or `i128` inside `untagged`, `flatten` or `tag = "…"`, which serde doesn't support.
//!
//! Most errors aren't `Serialize`, so a task that can fail returns their text. [`ErrorText`] makes
//! that a `?`.
//!
//! # What a child process shares with its parent
//!
//! A child has its parent's standard output and standard error, and the environment and the current
//! folder as they were when it started. Its standard input is empty, and its arguments
//! (`std::env::args`) are its own. It is in a process group of its own, so Ctrl-C reaches only the
//! parent. When the parent ends, no matter how, its children end within a moment, busy or not.
//!
//! Programs that a task starts are in the group of its process, and don't outlive it. Once the
//! process is gone (because its task is done and was [joined](Process::join), because it was
//! dropped or killed, because it crashed or its parent died), whatever is left of the group is
//! killed within a moment. A program that is meant to live on needs a group of its own:
//! `Command::process_group(0)`. (If the parent itself was started to ignore `SIGCHLD`, as some
//! daemons do with their children, the system doesn't say who has crashed, and the programs that a
//! crashed process has started live on.)

mod child;
mod error_text;
mod init;
mod leader;
mod limits;
mod serve;
mod task;
mod wire;
mod worker;

pub use crate::failure::Failure;
pub use child::Process;
pub use error_text::ErrorText;
pub use init::init;
pub use task::{Registered, Task};

pub(crate) use limits::{MAX_WORKERS, check_room};
pub(crate) use task::{check_init, encode_call, number_of};
pub(crate) use wire::{Answer, EncodedChunk, Note, put_cancel};
pub(crate) use worker::{Lost, Until, Worker};
