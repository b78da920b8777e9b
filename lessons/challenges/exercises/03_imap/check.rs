//! `imap` never reads further ahead than its window, reads on with each result that is taken, works
//! on exactly as many threads as it should, keeps the order, and ends with its iterator.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use answer::imap;
use challenges::{
    AtWork, Judged, Ledger, Meeting, Turns, check, let_others_come, others_sleep, require,
    wait_until,
};

challenges::answer!("../../../../challenges/03_imap.rs");

const WORKERS: usize = 3;
const WINDOW: usize = 6;
const LAZY: &str = "03_pool.md#lazy-at-both-ends";
const BY_HAND: &str = "03_pool.md#the-pool-by-hand";

fn main() {
    check("03_imap", |check| {
        check.if_stuck(
            "who is waiting for a channel that never ends? It ends when its last sender is dropped: are all of them gone?",
            "03_pool.md#two-mistakes",
        );
        check.part("three workers, no more and no less", || at_once(3))?;
        check.part("five workers, no more and no less", || at_once(5))?;
        check.part("results in the order of the inputs, and then no more", in_order)?;
        check.part("inputs are read as results are taken, a window ahead", lazily)?;
        check.part("no thread is left once the iterator is dropped", nobody_is_left)?;
        check.part("`drop` waits for what has begun, and nothing else begins", nothing_begins)
    })
}

/// All workers meet, again and again. With fewer threads they would wait in vain.
fn at_once(workers: usize) -> Judged {
    let at_work = Arc::new(AtWork::new());
    let meeting = Arc::new(Meeting::for_all(workers));
    let threads = Arc::new(Mutex::new(HashSet::new()));
    let work = {
        let (at_work, meeting) = (Arc::clone(&at_work), Arc::clone(&meeting));
        let threads = Arc::clone(&threads);
        move |n: usize| {
            threads.lock().expect("nobody panics here").insert(thread::current().id());
            let _working = at_work.begin();
            meeting.attend();
            if meeting.meetings() == 1 {
                let_others_come(Duration::from_millis(100)); // one too many would come now
            }
            n
        }
    };
    let inputs = 6 * workers;
    let count = imap(0..inputs, workers, 3 * workers, work).count();
    require(count == inputs, format!("{inputs} results"), count.to_string(), BY_HAND)?;
    let most = at_work.most();
    require(
        most == workers && meeting.meetings() == 6,
        format!("{workers} workers, all of them working at the same time"),
        format!("{most} working at the same time"),
        BY_HAND,
    )?;
    let threads = threads.lock().expect("nobody panics here").len();
    require(
        threads <= workers,
        format!("{workers} threads, however many inputs there are"),
        format!("{threads} threads: is there one for each input?"),
        BY_HAND,
    )
}

/// The first input is done last.
fn in_order() -> Judged {
    let (turns, asleep) = (Turns::new(), Arc::new(OnceLock::new()));
    let work = {
        let asleep = Arc::clone(&asleep);
        move |n: usize| {
            if n == 0 && turns.wait_for(WINDOW - 1) {
                let _ = asleep.set(others_sleep()); // there is nothing else to do
            }
            turns.end_turn();
            n * n
        }
    };
    let mut results = imap(0..20, WORKERS, WINDOW, work);
    let seen: Vec<usize> = results.by_ref().take(40).collect();
    let expected: Vec<usize> = (0..20).map(|n| n * n).collect();
    require(
        seen == expected,
        format!("the squares of 0 to 19, in this order, and then `None`:\n{expected:?}"),
        format!("{seen:?}\n(the first input is done last)"),
        BY_HAND,
    )?;
    require(
        asleep.get() != Some(&false),
        "that a worker without an input sleeps, and so does `next` until its result is there",
        "somebody computes while there is nothing to do: a loop that looks again and again",
        BY_HAND,
    )
}

/// The inputs have no end. No input is done before inputs have been read a whole window further. So
/// results come only if an input is read for each result that is taken.
fn lazily() -> Judged {
    let ledger = Ledger::new(WINDOW);
    let missing = Arc::new(AtomicBool::new(false)); // then nobody waits any more
    let work = {
        let (ledger, missing) = (Arc::clone(&ledger), Arc::clone(&missing));
        move |n: usize| {
            if !missing.load(Relaxed) && !ledger.wait_for_read(n + WINDOW) {
                missing.store(true, Relaxed);
            }
            n
        }
    };
    let mut results = imap(ledger.source(), WORKERS, WINDOW, work);
    let judged = (0..30).try_for_each(|n| {
        let result = results.next();
        ledger.judge(LAZY)?;
        require(
            !missing.load(Relaxed),
            format!(
                "that with a window of {WINDOW} and {n} results taken, {} inputs are read",
                n + WINDOW
            ),
            format!(
                "{}, and then no more: each result that is taken makes room for another input",
                ledger.read()
            ),
            LAZY,
        )?;
        require(result == Some(n), format!("{:?}", Some(n)), format!("{result:?}"), BY_HAND)?;
        ledger.take();
        Ok(())
    });
    ledger.close();
    judged
}

/// Each thread holds on to `work`. Once all have ended, only we have the token.
fn nobody_is_left() -> Judged {
    let token = Arc::new(());
    let work = {
        let token = Arc::clone(&token);
        move |n: usize| {
            let _held = &token;
            n
        }
    };
    let mut results = imap(0.., WORKERS, WINDOW, work);
    let first = results.next();
    require(first == Some(0), "Some(0)", format!("{first:?}"), BY_HAND)?;
    drop(results);
    require(
        wait_until(|| Arc::strong_count(&token) == 1),
        "that the threads end once the iterator is dropped",
        "some of them are still alive: what are they waiting for, and who could still send it?",
        "03_pool.md#two-mistakes",
    )
}

/// The workers are in the middle of something, and more inputs are waiting, when the iterator is
/// dropped. They go on once `drop` is asleep, because it waits for them, or has returned.
fn nothing_begins() -> Judged {
    let begun = Arc::new(Mutex::new(Vec::new()));
    let count = || begun.lock().expect("nobody panics here").len();
    let go_on = Arc::new(OnceLock::new());
    let work = {
        let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        move |n: usize| {
            begun.lock().expect("nobody panics here").push(n);
            if n > 0 {
                go_on.wait();
            }
            n
        }
    };
    let mut results = imap(0.., WORKERS, WINDOW, work);
    let first = results.next();
    require(first == Some(0), "Some(0)", format!("{first:?}"), BY_HAND)?;
    let all_work = wait_until(|| count() == 1 + WORKERS);
    require(all_work, format!("{WORKERS} workers at work"), (count() - 1).to_string(), BY_HAND)?;
    let has_returned = Arc::new(AtomicBool::new(false));
    let keeper = thread::spawn({
        let has_returned = Arc::clone(&has_returned);
        move || {
            others_sleep();
            let too_early = has_returned.load(Relaxed);
            let _ = go_on.set(());
            too_early
        }
    });
    drop(results);
    has_returned.store(true, Relaxed);
    let too_early = keeper.join().expect("the keeper doesn't panic");
    require(
        !too_early,
        "that `drop` returns once the threads have ended",
        format!("it returned while {WORKERS} threads were still at work: who joins them?"),
        BY_HAND,
    )?;
    let begun = begun.lock().expect("nobody panics here").clone();
    require(
        begun.len() == 1 + WORKERS,
        "that what hasn't begun when the iterator is dropped never does",
        format!("then {:?} began, too: they were still in the queue", &begun[1 + WORKERS..]),
        LAZY,
    )
}
