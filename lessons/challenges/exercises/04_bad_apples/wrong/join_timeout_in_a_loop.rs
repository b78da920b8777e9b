//@ refused: Was only the waiting given up?
// Each apple has its limit, but only for the waiting: one that never ends keeps its worker.

use std::time::Duration;

use hands::pool::{Failure, Outcome, ProcessPool};
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
    let pool = ProcessPool::new(4).expect("four processes start");
    let handles: Vec<_> =
        apples.into_iter().map(|apple| (apple, pool.submit(pick, apple))).collect();
    let fates = handles.into_iter().map(|(apple, handle)| {
        let fate = handle.join_timeout(limit).map_or(Fate::TimedOut, fate);
        (apple, fate)
    });
    let fates = fates.collect();
    pool.terminate();
    fates
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
