//@ refused: each of the 100 apples, once
// `?` gives up all for one: the first that panics ends the whole.

use std::time::Duration;

use hands::pool::ProcessPool;
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
    try_all(pick, apples, limit).unwrap_or_default()
}

fn try_all(pick: &Pick, apples: Vec<u32>, limit: Duration) -> anyhow::Result<Vec<(u32, Fate)>> {
    let pool = ProcessPool::builder(4).task_timeout(limit).start()?;
    let results = pool.imap(pick, apples.iter().copied());
    apples
        .iter()
        .zip(results)
        .map(|(&apple, outcome)| {
            Ok(match outcome? {
                Ok(value) => (apple, Fate::Good(value)),
                Err(reason) => (apple, Fate::Erred(reason)),
            })
        })
        .collect()
}
