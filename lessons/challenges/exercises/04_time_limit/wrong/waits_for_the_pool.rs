//@ refused: who is waiting for the task that never ends?
// `join_timeout` gives up waiting, and then the pool is dropped, which waits.

use std::time::Duration;

use hands::pool::ProcessPool;
use hands::process::Task;

pub fn within(limit: Duration, task: &Task<u64, u64>, input: u64) -> Option<u64> {
    let pool = ProcessPool::new(1).expect("a process starts");
    pool.submit(task, input).join_timeout(limit).ok()?.ok()
}
