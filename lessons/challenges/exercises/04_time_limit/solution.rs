// A limit for the task, not for the waiting: then the pool kills the process, and the handle says
// so.

use std::time::Duration;

use hands::pool::ProcessPool;
use hands::process::Task;

pub fn within(limit: Duration, task: &Task<u64, u64>, input: u64) -> Option<u64> {
    let pool = ProcessPool::builder(1).task_timeout(limit).start().expect("a process starts");
    pool.submit(task, input).join().ok()
}
