//@ refused: bad luck
// Whoever has crashed is given up at once, also if it was no fault of the picture.

use std::time::Duration;

use hands::pool::ProcessPool;
use hands::process::Task;

pub type Shrink = Task<String, Result<String, String>>;

pub fn shrink_all(
    shrink: &Shrink,
    files: &[String],
    limit: Duration,
) -> Vec<Result<String, String>> {
    let pool = ProcessPool::builder(3).task_timeout(limit).start().expect("three processes start");
    let outcomes = pool.imap(shrink, files.iter().cloned());
    outcomes.map(|outcome| outcome.unwrap_or_else(|error| Err(error.to_string()))).collect()
}
