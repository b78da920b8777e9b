//! All tasks run at the same time, however many they are, their results come in the order of the
//! tasks, and `run_all` sleeps until the last of them has ended.

use std::sync::{Arc, OnceLock};

use answer::{Task, run_all};
use challenges::{AtWork, Judged, Meeting, Turns, check, others_sleep, require, wait_until};

challenges::answer!("../../../../challenges/02_join_all.rs");

const TASKS: usize = 10;
/// Ten isn't special.
const MORE: usize = 23;
const PAGE: &str = "02_process.md#ten-threads-one-counter";
const LAZY: &str = "02_process.md#the-chain-that-looks-concurrent";

fn main() {
    check("02_join_all", |check| {
        check.part("it sleeps until all have ended", all_have_ended)?;
        check.part("ten tasks at the same time", || at_the_same_time(TASKS))?;
        check.part("23 tasks at the same time", || at_the_same_time(MORE))?;
        check.part("results in the order of the tasks", in_order)
    })
}

/// No task ends before all have begun, and the first has seen whether the others are asleep.
fn all_have_ended() -> Judged {
    let (at_work, turns) = (Arc::new(AtWork::new()), Arc::new(Turns::new()));
    let asleep = Arc::new(OnceLock::new());
    let tasks = tasks(TASKS, |n| {
        let (at_work, turns, asleep) = (at_work.clone(), turns.clone(), asleep.clone());
        Box::new(move || {
            let _working = at_work.begin();
            if n == 0 {
                wait_until(|| at_work.all() == TASKS);
                let _ = asleep.set(others_sleep());
                turns.end_turn();
            }
            turns.wait_for(1);
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
    require(
        asleep.get() == Some(&true),
        "that `run_all` sleeps until a task has ended, as `join` does",
        "it computed while it waited: a loop that looks again and again keeps a core busy",
        PAGE,
    )?;
    require(results == [7; TASKS], format!("{:?}", [7; TASKS]), format!("{results:?}"), PAGE)
}

/// Each task waits for all others. Only tasks that run at the same time can meet.
fn at_the_same_time(count: usize) -> Judged {
    let meeting = Arc::new(Meeting::for_all(count));
    let tasks = tasks(count, |n| {
        let meeting = Arc::clone(&meeting);
        Box::new(move || {
            meeting.attend();
            n
        })
    });
    run_all(tasks);
    let most = meeting.most();
    require(
        most == count,
        if count == TASKS {
            "ten tasks running at the same time"
        } else {
            "23, too: as many as there are"
        },
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
    let tasks = tasks(TASKS, |n| {
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

fn tasks(count: usize, task: impl Fn(u32) -> Task) -> Vec<Task> {
    (0..count as u32).map(task).collect()
}
