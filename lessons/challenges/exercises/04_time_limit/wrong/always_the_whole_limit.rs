//@ refused: who waits for the whole hour?
// Sleeps for as long as the task may take, and then looks whether it has a result.

use std::thread;
use std::time::Duration;

use hands::pool::ProcessPool;
use hands::process::Task;

pub fn within(limit: Duration, task: &Task<u64, u64>, input: u64) -> Option<u64> {
    let pool = ProcessPool::new(1).expect("a process starts");
    let handle = pool.submit(task, input);
    thread::sleep(limit);
    let result = handle.join_timeout(Duration::ZERO).ok()?.ok();
    pool.terminate();
    result
}
