// A time limit for a task.
//
// `within` runs `task` on `input` in a process of its own, and returns its result, or `None` if it
// takes longer than `limit`. Even then the task has ended: when `within` returns, its process is
// gone.

use std::time::Duration;

use hands::process::Task;

pub fn within(limit: Duration, task: &Task<u64, u64>, input: u64) -> Option<u64> {
    todo!("{} of {input}, within {limit:?}", task.name())
}
