//@ refused: is still running: only the waiting
// `join_timeout` gives up waiting. The process is kept from being waited for, and runs on.

use std::time::Duration;

use hands::pool::ProcessPool;
use hands::process::Task;

pub fn within(limit: Duration, task: &Task<u64, u64>, input: u64) -> Option<u64> {
    let pool = ProcessPool::new(1).expect("a process starts");
    let outcome = pool.submit(task, input).join_timeout(limit);
    std::mem::forget(pool);
    outcome.ok()?.ok()
}
