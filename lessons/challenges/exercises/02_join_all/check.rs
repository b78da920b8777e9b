//! Ten tasks run at the same time, their results come in the order of the tasks, and none of them
//! is still running when `run_all` returns.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use answer::{Task, run_all};
use challenges::{AtWork, Judged, Meeting, Turns, check, require};

challenges::answer!("../../../../challenges/02_join_all.rs");

const TASKS: usize = 10;
const PAGE: &str = "02_process.md#ten-threads-one-counter";
const LAZY: &str = "02_process.md#the-chain-that-looks-concurrent";

fn main() {
    check("02_join_all", |check| {
        check.part("it returns once all have ended", all_have_ended)?;
        check.part("ten tasks at the same time", at_the_same_time)?;
        check.part("results in the order of the tasks", in_order)
    })
}

/// Each task starts at once, and takes a moment.
fn all_have_ended() -> Judged {
    let at_work = Arc::new(AtWork::new());
    let tasks = tasks(|_| {
        let at_work = Arc::clone(&at_work);
        Box::new(move || {
            let _working = at_work.begin();
            thread::sleep(Duration::from_millis(20));
            7
        })
    });
    let results = run_all(tasks);
    let left = TASKS - (at_work.all() - at_work.now());
    require(
        left == 0,
        "that `run_all` returns once the last task has ended",
        format!("it returned while {left} of {TASKS} tasks were still running"),
        PAGE,
    )?;
    require(results == [7; TASKS], format!("{:?}", [7; TASKS]), format!("{results:?}"), PAGE)
}

/// Each task waits for the other nine. Only tasks that run at the same time can meet.
fn at_the_same_time() -> Judged {
    let meeting = Arc::new(Meeting::for_all(TASKS));
    let tasks = tasks(|n| {
        let meeting = Arc::clone(&meeting);
        Box::new(move || {
            meeting.attend();
            n
        })
    });
    run_all(tasks);
    let most = meeting.most();
    require(
        most == TASKS,
        "ten tasks running at the same time",
        match most {
            1 => "one after the other: each was waited for before the next one began".to_owned(),
            _ => format!("{most} at the same time, at most"),
        },
        LAZY,
    )
}

/// The last task ends first: each waits until the one behind it has ended.
fn in_order() -> Judged {
    let turns = Arc::new(Turns::new());
    let tasks = tasks(|n| {
        let turns = Arc::clone(&turns);
        Box::new(move || {
            turns.wait_for(TASKS - 1 - n as usize);
            turns.end_turn();
            n
        })
    });
    let results = run_all(tasks);
    let expected: Vec<u32> = (0..TASKS as u32).collect();
    require(
        results == expected,
        format!("the results in the order of the tasks: {expected:?}"),
        format!("{results:?} (the last task ended first)"),
        PAGE,
    )
}

fn tasks(task: impl Fn(u32) -> Task) -> Vec<Task> {
    (0..TASKS as u32).map(task).collect()
}
