//! The tasks: one sleeps on its token, the other one computes and checks it.

use std::hint::black_box;
use std::time::Duration;

use hands::cancel::{self, Cancelled};
use hands::println;
use hands::process::{ErrorText, Task};
use hands::timeline::span;
use serde::{Deserialize, Serialize};

pub(crate) const NAP: Task<Nap, Result<String, ErrorText>> = Task::new("nap", nap);
pub(crate) const COUNT: Task<bool, Counted> = Task::new("count", count);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Nap {
    pub(crate) time: Duration,
    pub(crate) ends_badly: bool,
}

// ANCHOR: nap
pub(crate) fn nap(nap: Nap) -> Result<String, ErrorText> {
    let seconds = nap.time.as_secs_f64();
    let _span = span(format!("sleep {seconds}"));
    println!("Sleeping {seconds} second(s)...");
    cancel::current().sleep(nap.time)?; // wakes up early, with an error, if it's cancelled
    if nap.ends_badly {
        return Err("out of luck".into());
    }
    Ok("Done sleeping".to_owned())
}
// ANCHOR_END: nap

// ANCHOR: count
pub(crate) type Counted = Result<u64, Cancelled>;

pub(crate) fn count(listens: bool) -> Counted {
    let token = cancel::current();
    let _span = span("count");
    let mut n = 0;
    while black_box(n) < u64::MAX {
        n += 1;
        if listens {
            token.check()?;
        }
    }
    Ok(n)
}
// ANCHOR_END: count
