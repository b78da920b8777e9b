//@ refused: 9 results
// `map` returns all results or the first failure: one hostile picture takes all others with it.

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
    match pool.map(shrink, files.iter().cloned()) {
        Ok(results) => results,
        Err(error) => vec![Err(error.to_string())],
    }
}
