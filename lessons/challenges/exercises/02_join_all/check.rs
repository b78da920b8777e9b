//! Ten jobs run at the same time, their results come in the order of the jobs, and none of them is still
//! at work when `run_all` returns.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use answer::{Job, run_all};
use challenges::{AtWork, Judged, Meeting, Turns, check, require};

challenges::answer!("02_join_all");

const JOBS: usize = 10;
const PAGE: &str = "02_process.md#ten-threads-one-counter";
const LAZY: &str = "02_process.md#the-chain-that-looks-concurrent";

fn main() {
    check("02_join_all", |check| {
        check.part("returns when all have ended", all_have_ended)?;
        check.part("ten jobs at the same time", at_the_same_time)?;
        check.part("results in the order of the jobs", in_order)
    })
}

/// Each job begins at once, and takes a moment. Whoever waits for all of them has waited for the moment.
fn all_have_ended() -> Judged {
    let at_work = Arc::new(AtWork::new());
    let jobs = jobs(|_| {
        let at_work = Arc::clone(&at_work);
        Box::new(move || {
            let _working = at_work.begin();
            thread::sleep(Duration::from_millis(20));
            7
        })
    });
    let results = run_all(jobs);
    let left = JOBS - (at_work.all() - at_work.now());
    require(
        left == 0,
        "that run_all returns when the last job has ended",
        format!("it has returned while {left} of {JOBS} jobs had not ended"),
        PAGE,
    )?;
    require(results == [7; JOBS], format!("{:?}", [7; JOBS]), format!("{results:?}"), PAGE)
}

/// Each job waits for the nine others. Only jobs that run at the same time can meet.
fn at_the_same_time() -> Judged {
    let meeting = Arc::new(Meeting::for_all(JOBS));
    let jobs = jobs(|n| {
        let meeting = Arc::clone(&meeting);
        Box::new(move || {
            meeting.attend();
            n
        })
    });
    run_all(jobs);
    let most = meeting.most();
    require(
        most == JOBS,
        "ten jobs under way at the same time",
        match most {
            1 => "one after the other: each was waited for before the next one began".to_owned(),
            _ => format!("{most} at the same time, at most"),
        },
        LAZY,
    )
}

/// The last job ends first: each waits until the one behind it has ended.
fn in_order() -> Judged {
    let turns = Arc::new(Turns::new());
    let jobs = jobs(|n| {
        let turns = Arc::clone(&turns);
        Box::new(move || {
            turns.wait_for(JOBS - 1 - n as usize);
            turns.end_turn();
            n
        })
    });
    let results = run_all(jobs);
    let expected: Vec<u32> = (0..JOBS as u32).collect();
    require(
        results == expected,
        format!("the results in the order of the jobs: {expected:?}"),
        format!("{results:?} (the last job was the first to end)"),
        PAGE,
    )
}

fn jobs(job: impl Fn(u32) -> Job) -> Vec<Job> {
    (0..JOBS as u32).map(job).collect()
}
