//! Three sleeps, one after the other, are predicted to take as long as their sum, and take at least
//! that.

use std::fs;
use std::time::{Duration, Instant};

use answer::{measure, predict};
use challenges::{Judged, check, require};

challenges::answer!("../../../../challenges/01_predict.rs");

/// Three sleeps, in milliseconds. On a busy machine a short one takes longer, but never so long
/// that it makes up for a long one.
const SLEEPS: [[u64; 3]; 4] = [[100, 1, 2], [1, 2, 120], [80, 5, 1], [5, 1, 90]];

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

fn sleeps() -> impl Iterator<Item = ([Duration; 3], Duration)> {
    let sleeps = SLEEPS.iter().map(|sleeps| sleeps.map(Duration::from_millis));
    sleeps.map(|sleeps| (sleeps, sleeps.iter().sum()))
}

fn predicted() -> Judged {
    for (sleeps, sum) in sleeps() {
        let predicted = predict(sleeps);
        require(
            predicted == sum,
            format!("that sleeps of {sleeps:?}, one after the other, take {sum:?}"),
            format!("a prediction of {predicted:?}"),
            RUN,
        )?;
    }
    Ok(())
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
        2 * times > 5 * OFTEN,
        "that it sleeps three times, one sleep after the other",
        format!(
            "{times} sleeps in {OFTEN} measurements: is one sleep meant to be two, or all three?"
        ),
        READ,
    )
}

fn measured() -> Judged {
    // Three at the same time would have to be late by as much as two of them.
    let equal = Duration::from_millis(150);
    measured_once([equal; 3], 3 * equal)?;
    sleeps().try_for_each(|(sleeps, sum)| measured_once(sleeps, sum))?;
    // No two measurements are the same, to the nanosecond.
    let [first, others @ ..] = [(); 4].map(|()| measure([Duration::from_millis(1); 3]));
    require(
        others.iter().any(|other| *other != first),
        "what the clock says, which is a little different each time",
        format!("four times exactly {first:?}: was that measured?"),
        SURPRISE,
    )
}

fn measured_once(sleeps: [Duration; 3], sum: Duration) -> Judged {
    let start = Instant::now();
    let measured = measure(sleeps);
    let passed = start.elapsed();
    require(
        passed >= sum,
        format!("three sleeps of {sleeps:?}, one after the other"),
        format!("it was over after only {passed:.1?}"),
        RUN,
    )?;
    require(
        measured >= sum && measured <= passed,
        format!(
            "the time from before the first sleep to after the last, here from {sum:?} to {passed:.1?}"
        ),
        format!("{measured:.1?}"),
        READ,
    )?;
    require(
        measured != sum,
        format!("what the clock says, which is a little more than {sum:?}"),
        format!("exactly {measured:?}: was that measured?"),
        SURPRISE,
    )
}
