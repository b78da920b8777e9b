//@ refused: four apples picked at the same time
// Three of them, and those that take their place, look like four and a few more.

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

pub fn pick_all(pick: &Pick, apples: Vec<u32>, limit: Duration) -> Vec<(u32, Fate)> {
    let pool = ProcessPool::builder(3).task_timeout(limit).start().expect("four processes start");
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
