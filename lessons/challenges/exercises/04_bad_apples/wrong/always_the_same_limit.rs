//@ refused: is it always the same limit?
// Six seconds should be enough for any apple.

use std::time::Duration;

use hands::pool::{Failure, Outcome, ProcessPool, as_completed};
use hands::process::Task;

pub type Pick = Task<u32, Result<u32, String>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Good(u32),
    Erred(String),
    Panicked(String),
    Crashed(i32),
    TimedOut,
}

pub fn pick_all(pick: &Pick, apples: Vec<u32>, _limit: Duration) -> Vec<(u32, Fate)> {
    let limit = Duration::from_secs(6);
    let pool = ProcessPool::builder(4).task_timeout(limit).start().expect("four processes start");
    let handles = apples.into_iter().map(|apple| (apple, pool.submit(pick, apple)));
    as_completed(handles).map(|(apple, outcome)| (apple, fate(outcome))).collect()
}

fn fate(outcome: Outcome<Result<u32, String>>) -> Fate {
    match outcome {
        Ok(Ok(value)) => Fate::Good(value),
        Ok(Err(reason)) => Fate::Erred(reason),
        Err(error) => match error.failure {
            Failure::Panicked(panicked) => Fate::Panicked(panicked.message),
            Failure::Crashed { signal: Some(signal), .. } => Fate::Crashed(signal),
            Failure::TimedOut { .. } => Fate::TimedOut,
            other => panic!("an apple {other}"),
        },
    }
}
