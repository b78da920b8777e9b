//@ refused: another picture
// Chunks of five: who crashes takes the rest of its chunk along.

use std::time::Duration;

use hands::pool::{OnCrash, ProcessPool};
use hands::process::Task;

pub type Shrink = Task<String, Result<String, String>>;

pub fn shrink_all(
    shrink: &Shrink,
    files: &[String],
    limit: Duration,
) -> Vec<Result<String, String>> {
    let pool = ProcessPool::builder(3)
        .task_timeout(limit)
        .on_crash(OnCrash::Retry(1))
        .start()
        .expect("three processes start");
    let outcomes = pool.chunk_size(5).imap(shrink, files.iter().cloned());
    outcomes.map(|outcome| outcome.unwrap_or_else(|error| Err(error.to_string()))).collect()
}
