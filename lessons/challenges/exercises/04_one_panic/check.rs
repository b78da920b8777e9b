//! Panics come back as values, each with its input, and no other task loses its result.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, ThreadId};

use answer::sort_out;
use challenges::{Judged, Meeting, Turns, check, require};
use hands::pool::ThreadPool;

challenges::answer!("../../../../challenges/04_one_panic.rs");

const WORKERS: usize = 4;

const SUBMIT: &str = "04_futures.md#submit-now";
const WRONG: &str = "04_futures.md#what-goes-wrong";

fn main() {
    check("04_one_panic", |check| {
        check.expect_panic("apple ");
        check.part("four inputs are worked on at the same time", at_the_same_time)?;
        check.part("results and panics, each with its input", sorted_out)?;
        check.part("all inputs are submitted before a result is waited for", all_submitted)
    })
}

fn pool() -> ThreadPool<'static> {
    ThreadPool::new(WORKERS).expect("four threads start")
}

static THREADS: Mutex<Vec<ThreadId>> = Mutex::new(Vec::new());
static MEETING: Meeting = Meeting::for_all(WORKERS);

fn at_the_same_time() -> Judged {
    let meet = |n| {
        THREADS.lock().expect("nobody panics here").push(thread::current().id());
        MEETING.attend();
        format!("{n}")
    };
    sort_out(&pool(), (0..8).collect(), meet);
    let most = MEETING.most();
    require(
        most == WORKERS,
        "that all inputs are submitted, so that four are worked on at the same time",
        format!("{most} at a time: is each result waited for before the next input is submitted?"),
        SUBMIT,
    )?;
    let threads = THREADS.lock().expect("nobody panics here");
    let threads: HashSet<_> = threads.iter().collect();
    require(
        threads.len() <= WORKERS,
        format!("that the work is done in the pool, which has {WORKERS} threads"),
        format!("{} threads have done it", threads.len()),
        SUBMIT,
    )
}

static OVER: Turns = Turns::new();
static ALL_CAME: AtomicBool = AtomicBool::new(false);

/// The first input is done once all others are. So they must not wait until its result was taken.
fn all_submitted() -> Judged {
    const INPUTS: usize = 200;
    let wait = |n| {
        if n == 0 {
            ALL_CAME.store(OVER.wait_for(INPUTS - 1), Relaxed);
        }
        OVER.end_turn();
        String::new()
    };
    sort_out(&pool(), (0..INPUTS as u32).collect(), wait);
    require(
        ALL_CAME.load(Relaxed),
        format!("that all {INPUTS} inputs are submitted before the first result is waited for"),
        "while the first input was being worked on, some of the others weren't there yet: `imap` reads only a \
         window ahead",
        SUBMIT,
    )
}

static BEGUN: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn sorted_out() -> Judged {
    let weigh = |n| {
        BEGUN.lock().expect("nobody panics here").push(n);
        assert!(n % 7 != 3, "apple {n} is bruised: a soft spot, at the top: 3 cm");
        format!("{n} pounds")
    };
    // Some of them come twice.
    let inputs: Vec<u32> = (10..30).rev().chain([12, 17]).collect();
    let (done, panicked) = sort_out(&pool(), inputs.clone(), weigh);

    let (bad, good): (Vec<u32>, Vec<u32>) = inputs.into_iter().partition(|n| n % 7 == 3);
    let expected: Vec<_> = good.iter().map(|n| (*n, format!("{n} pounds"))).collect();
    require(
        done == expected,
        format!(
            "{} results, each with its input, in the order of the inputs: {:?} ...",
            good.len(),
            &expected[..3]
        ),
        format!("{} results: {:?} ...", done.len(), &done[..done.len().min(3)]),
        SUBMIT,
    )?;
    let expected: Vec<_> = bad
        .iter()
        .map(|n| (*n, format!("apple {n} is bruised: a soft spot, at the top: 3 cm")))
        .collect();
    require(
        panicked == expected,
        format!("the messages of those that panicked: {expected:?}"),
        format!("{panicked:?}"),
        WRONG,
    )?;
    let begun = BEGUN.lock().expect("nobody panics here").len();
    require(
        begun == 22,
        "that each of 22 inputs is worked on once",
        format!("{begun} times"),
        WRONG,
    )
}
