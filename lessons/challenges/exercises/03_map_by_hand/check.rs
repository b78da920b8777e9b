//! `map` has as many workers as it should, each takes the next input as soon as it is free, and the
//! order is kept.

use std::collections::HashSet;
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use answer::map;
use challenges::{AtWork, Judged, Meeting, Turns, check, let_others_come, others_sleep, require};

challenges::answer!("../../../../challenges/03_map_by_hand.rs");

const WORKERS: usize = 3;
const INPUTS: usize = 12;

const BY_HAND: &str = "03_pool.md#the-pool-by-hand";

fn main() {
    check("03_map_by_hand", |check| {
        check.if_stuck(
            "a loop over a channel ends when all senders are gone. Which one is left?",
            "03_pool.md#two-mistakes",
        );
        check.part("three workers, no more and no less", || at_once(3))?;
        check.part("five workers, no more and no less", || at_once(5))?;
        check.part("results in the order of the inputs", in_order)?;
        check.part("a worker that is free takes the next input", who_is_free)
    })
}

fn inputs() -> Vec<usize> {
    (0..INPUTS).collect()
}

/// All workers meet, again and again. With fewer threads they would wait in vain.
fn at_once(workers: usize) -> Judged {
    let (at_work, meeting) = (AtWork::new(), Meeting::for_all(workers));
    let threads = Mutex::new(HashSet::new());
    let inputs = 4 * workers;
    map((0..inputs).collect(), workers, |_| {
        threads.lock().expect("nobody panics here").insert(thread::current().id());
        let _working = at_work.begin();
        meeting.attend();
        if meeting.meetings() == 1 {
            let_others_come(Duration::from_millis(100)); // one too many would come now
        }
    });
    let most = at_work.most();
    require(
        most == workers && meeting.meetings() == 4,
        format!("{workers} workers, all of them working at the same time"),
        format!("{most} working at the same time"),
        BY_HAND,
    )?;
    require(
        at_work.now() == 0 && at_work.all() == inputs,
        format!("that `map` returns once all {inputs} inputs are done, each of them once"),
        format!("{} were begun, {} of them aren't done", at_work.all(), at_work.now()),
        BY_HAND,
    )?;
    let threads = threads.into_inner().expect("nobody panics here").len();
    require(
        threads <= workers,
        format!("{workers} threads, however many inputs there are"),
        format!("{threads} threads: is there one for each input?"),
        BY_HAND,
    )
}

/// The first input isn't done before four others are, and at least two of those have been handed
/// in.
fn in_order() -> Judged {
    let turns = Turns::new();
    let seen = map(inputs(), WORKERS, |n| {
        if n == 0 {
            turns.wait_for(4);
        }
        turns.end_turn();
        n * n
    });
    let expected: Vec<_> = (0..INPUTS).map(|n| n * n).collect();
    require(
        seen == expected,
        format!("the squares of 0 to 11: {expected:?}"),
        format!("{seen:?} (the first input wasn't done first)"),
        BY_HAND,
    )
}

/// The first input is done once all others are. So none of them may have to wait for it.
fn who_is_free() -> Judged {
    let (turns, asleep) = (Turns::new(), OnceLock::new());
    let done_before = map(inputs(), WORKERS, |n| {
        if n == 0 {
            turns.wait_for(INPUTS - 1);
            let _ = asleep.set(others_sleep());
        }
        let done_before = turns.over();
        turns.end_turn();
        done_before
    });
    let before_the_slow_one = done_before[0];
    require(
        before_the_slow_one == INPUTS - 1,
        "that a slow input holds up a single worker, while the others do all the rest",
        format!(
            "{before_the_slow_one} of {} were done, and then nothing: some are waiting behind the slow one",
            INPUTS - 1
        ),
        "03_pool.md#chunks",
    )?;
    require(
        asleep.get() == Some(&true),
        "that a worker without an input sleeps, and `map` while it waits for results",
        "somebody computes while there is nothing to do: a loop that looks again and again",
        BY_HAND,
    )
}
