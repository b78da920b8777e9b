// A hundred apples, some of them bad.
//
// `pick` is a task that takes the number of an apple. For most apples it returns `Ok`. Some return
// an error, some panic, some abort their process, and some never end. Find out what becomes of
// each:
//
// - each apple is picked exactly once, on a pool of 4 worker processes;
// - each comes back exactly once, with its number and its `Fate`, in any order;
// - one that never ends is given up after `limit`, which makes room for others. No other apple is
//   given up: together, all of them take longer than `limit`;
// - when the function returns, no worker process is left.

use std::time::Duration;

use hands::process::Task;

pub type Pick = Task<u32, Result<u32, String>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// What the task returned.
    Good(u32),
    /// The error that the task returned.
    Erred(String),
    /// The message of the panic.
    Panicked(String),
    /// The signal that ended the process.
    Crashed(i32),
    TimedOut,
}

pub fn pick_all(pick: &Pick, apples: Vec<u32>, limit: Duration) -> Vec<(u32, Fate)> {
    todo!("pick all {} apples, whatever happens to one of them", apples.len())
}
