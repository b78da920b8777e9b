//! A task that ends in time brings its result. One that never ends is given up, and its process is
//! gone.

use std::fs;
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::process;
use std::thread;
use std::time::Duration;

use answer::within;
use challenges::{Judged, check, is_alive, require, wait_until};
use hands::process::{Task, init};

challenges::answer!("../../../../challenges/04_time_limit.rs");

const TASK: Task<u64, u64> = Task::new("task", task);
const NEVER_ENDS: u64 = 0;

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
        check.part("a task that never ends is given up, and its process is gone", never)
    })
}

fn task(input: u64) -> u64 {
    fs::write(note(parent_id()), process::id().to_string()).expect("room for a note");
    if input == NEVER_ENDS {
        loop {
            thread::park();
        }
    }
    input * input
}

/// Where the task says which process runs it.
fn note(check: u32) -> PathBuf {
    std::env::temp_dir().join(format!("many-hands-limit-{check}"))
}

fn runner() -> u32 {
    let pid = fs::read_to_string(note(process::id())).unwrap_or_default();
    pid.parse().unwrap_or(0)
}

fn in_time() -> Judged {
    let seen = within(Duration::from_secs(3600), &TASK, 12);
    require(
        seen == Some(144),
        "Some(144), because it ends at once",
        format!("{seen:?}"),
        TIMEOUTS,
    )?;
    let pid = runner();
    require(
        pid != 0 && pid != process::id(),
        "that the task runs in a process of its own",
        "it ran in this one",
        "03_pool.md#worker-processes",
    )
}

fn never() -> Judged {
    let _ = fs::remove_file(note(process::id()));
    let seen = within(Duration::from_millis(500), &TASK, NEVER_ENDS);
    require(seen.is_none(), "None, because it never ends", format!("{seen:?}"), TIMEOUTS)?;
    let pid = runner();
    let _ = fs::remove_file(note(process::id()));
    require(
        wait_until(|| pid == 0 || !is_alive(pid)),
        "that the task has ended, and its process with it",
        format!("process {pid} is still running: only the waiting was given up"),
        TIMEOUTS,
    )
}
