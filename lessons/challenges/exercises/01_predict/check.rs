//! Three sleeps, one after the other, are predicted to take as long as their sum, and take at least
//! that.

use std::fs;
use std::time::{Duration, Instant};

use answer::{measure, predict};
use challenges::{Judged, check, require};

challenges::answer!("../../../../challenges/01_predict.rs");

const SLEEPS: [Duration; 3] =
    [Duration::from_millis(30), Duration::from_millis(50), Duration::from_millis(20)];
const SUM: Duration = Duration::from_millis(100);

const RUN: &str = "01_sync.md#run-it";
const READ: &str = "01_sync.md#read-it";
const SURPRISE: &str = "01_sync.md#what-surprised-us";

fn main() {
    check("01_predict", |check| {
        check.part("the prediction", predicted)?;
        check.part("the measurement", measured)?;
        check.part("three sleeps", three_sleeps)
    })
}

fn predicted() -> Judged {
    let predicted = predict(SLEEPS);
    require(
        predicted == SUM,
        format!("that sleeps of {SLEEPS:?}, one after the other, take {SUM:?}"),
        format!("a prediction of {predicted:?}"),
        RUN,
    )
}

/// How many times this thread has gone to sleep so far. Only Linux says.
fn times_asleep() -> Option<u64> {
    let status = fs::read_to_string("/proc/thread-self/status").ok()?;
    let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
    count.trim().parse().ok()
}

/// It measures often. So it doesn't matter if something else makes the thread wait now and then.
fn three_sleeps() -> Judged {
    const OFTEN: u64 = 10;
    let Some(before) = times_asleep() else { return Ok(()) };
    for _ in 0..OFTEN {
        measure([2, 3, 1].map(Duration::from_millis));
    }
    let times = times_asleep().unwrap_or_default().saturating_sub(before);
    require(
        times >= 2 * OFTEN,
        "that it sleeps three times, one sleep after the other",
        format!("{times} sleeps in {OFTEN} measurements: is it one sleep for all three?"),
        READ,
    )
}

fn measured() -> Judged {
    let start = Instant::now();
    let measured = measure(SLEEPS);
    let passed = start.elapsed();
    require(
        passed >= SUM,
        format!("three sleeps of {SLEEPS:?}, one after the other"),
        format!("it was over after only {passed:.1?}"),
        RUN,
    )?;
    require(
        measured >= SUM && measured <= passed,
        format!(
            "the time from before the first sleep to after the last, here from {SUM:?} to {passed:.1?}"
        ),
        format!("{measured:.1?}"),
        READ,
    )?;
    require(
        measured != SUM,
        format!("what the clock says, which is a little more than {SUM:?}"),
        format!("exactly {measured:?}: was that measured?"),
        SURPRISE,
    )
}
