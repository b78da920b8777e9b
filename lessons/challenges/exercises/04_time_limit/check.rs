//! A task that ends in time brings its result. One that never ends is given up, and its process is
//! gone.

use std::fs;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::process;
use std::thread;
use std::time::Duration;

use answer::within;
use challenges::{Judged, check, is_alive, others_sleep, require, wait_until};
use hands::process::{Task, init};

challenges::answer!("../../../../challenges/04_time_limit.rs");

const TASK: Task<u64, u64> = Task::new("task", task);
const NEVER_ENDS: u64 = 0;
/// This one ends when the check says so.
const WAITS: u64 = 1;

const TIMEOUTS: &str = "04_futures.md#two-timeouts";

fn main() {
    init(&[&TASK]);
    check("04_time_limit", |check| {
        check.if_stuck(
            "the task has ended at once, and its limit is an hour: who waits for the whole hour?",
            TIMEOUTS,
        );
        check.part("a task that ends in time brings its result", in_time)?;
        check.if_stuck(
            "who is waiting for the task that never ends? Only a time limit for the task ends it",
            TIMEOUTS,
        );
        check.part("a task that never ends is given up, and its process is gone", never)?;
        check.part("each has the limit that it was given", own_limits)
    })
}

fn task(input: u64) -> u64 {
    let check = parent_id();
    fs::write(note(check, input), process::id().to_string()).expect("room for a note");
    while input == NEVER_ENDS || input == WAITS && !go(check).exists() {
        thread::sleep(Duration::from_millis(10));
    }
    input * input
}

/// Where the task says which process runs it.
fn note(check: u32, input: u64) -> PathBuf {
    std::env::temp_dir().join(format!("many-hands-limit-{check}-{input}"))
}

/// Once this file is there, the task that waits comes to its end.
fn go(check: u32) -> PathBuf {
    std::env::temp_dir().join(format!("many-hands-limit-{check}-go"))
}

fn runner(input: u64) -> u32 {
    let pid = fs::read_to_string(note(process::id(), input)).unwrap_or_default();
    pid.parse().unwrap_or(0)
}

fn clear(input: u64) {
    let _ = fs::remove_file(note(process::id(), input));
}

fn in_time() -> Judged {
    let seen = within(Duration::from_secs(3600), &TASK, 12);
    require(
        seen == Some(144),
        "Some(144), because it ends at once",
        format!("{seen:?}"),
        TIMEOUTS,
    )?;
    let pid = runner(12);
    clear(12);
    require(
        pid != 0 && pid != process::id(),
        "that the task runs in a process of its own",
        "it ran in this one",
        "03_pool.md#worker-processes",
    )
}

fn never() -> Judged {
    let seen = within(Duration::from_millis(500), &TASK, NEVER_ENDS);
    require(seen.is_none(), "None, because it never ends", format!("{seen:?}"), TIMEOUTS)?;
    let pid = runner(NEVER_ENDS);
    clear(NEVER_ENDS);
    require(
        wait_until(|| pid == 0 || !is_alive(pid)),
        "that the task has ended, and its process with it",
        format!("process {pid} is still running: only the waiting was given up"),
        TIMEOUTS,
    )
}

/// One has an hour. It began before the other, which has half a second, and ends after it.
fn own_limits() -> Judged {
    let (hasty, patient) = thread::scope(|s| {
        let patient = s.spawn(|| within(Duration::from_secs(3600), &TASK, WAITS));
        wait_until(|| runner(WAITS) != 0 || patient.is_finished());
        let hasty = within(Duration::from_millis(500), &TASK, NEVER_ENDS);
        others_sleep(); // whoever has given up by now has had the time to
        let _ = fs::write(go(process::id()), "");
        (hasty, patient.join().expect("the answer doesn't panic"))
    });
    [WAITS, NEVER_ENDS].into_iter().for_each(clear);
    let _ = fs::remove_file(go(process::id()));
    let seen = format!("{hasty:?} and {patient:?}: is it always the same limit?");
    require(
        hasty.is_none() && patient == Some(1),
        "None for a task with half a second, and Some(1) for one with an hour, which ended soon after",
        seen,
        TIMEOUTS,
    )
}
