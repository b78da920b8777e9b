//@ refused: is it always the same limit?
// Five seconds should be enough for any picture.

use std::time::Duration;

use hands::pool::{OnCrash, ProcessPool};
use hands::process::Task;

pub type Shrink = Task<String, Result<String, String>>;

pub fn shrink_all(
    shrink: &Shrink,
    files: &[String],
    _limit: Duration,
) -> Vec<Result<String, String>> {
    let pool = ProcessPool::builder(3)
        .task_timeout(Duration::from_secs(5))
        .on_crash(OnCrash::Retry(1))
        .start()
        .expect("three processes start");
    let outcomes = pool.imap(shrink, files.iter().cloned());
    outcomes.map(|outcome| outcome.unwrap_or_else(|error| Err(error.to_string()))).collect()
}
