//@ refused: and they didn't come
// One worker does everything.

use std::time::Duration;

use hands::pool::{OnCrash, ProcessPool};
use hands::process::Task;

pub type Shrink = Task<String, Result<String, String>>;

pub fn shrink_all(
    shrink: &Shrink,
    files: &[String],
    limit: Duration,
) -> Vec<Result<String, String>> {
    let pool = ProcessPool::builder(1)
        .task_timeout(limit)
        .on_crash(OnCrash::Retry(1))
        .start()
        .expect("three processes start");
    let outcomes = pool.imap(shrink, files.iter().cloned());
    outcomes.map(|outcome| outcome.unwrap_or_else(|error| Err(error.to_string()))).collect()
}
