//@ refused: is it always the same limit?
// Five seconds should be enough for anybody.

use std::time::Duration;

use hands::pool::ProcessPool;
use hands::process::Task;

pub fn within(_limit: Duration, task: &Task<u64, u64>, input: u64) -> Option<u64> {
    let limit = Duration::from_secs(5);
    let pool = ProcessPool::builder(1).task_timeout(limit).start().expect("a process starts");
    pool.submit(task, input).join().ok()
}
