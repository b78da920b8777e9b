//@ refused: not tried again
// Whatever has gone wrong gets a second chance, a panic and a picture without end as well.

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
    let first = pool.imap(shrink, files.iter().cloned());
    let results = files.iter().zip(first).map(|(file, outcome)| match outcome {
        Ok(result) => result,
        Err(_) => match pool.submit(shrink, file.clone()).join() {
            Ok(result) => result,
            Err(error) => Err(error.to_string()),
        },
    });
    results.collect()
}
