//! `imap` never reads further ahead than its window, reads on with each result that is taken, works
//! on exactly as many threads as it should, keeps the order, and ends with its iterator.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use answer::imap;
use challenges::{AtWork, Judged, Ledger, Meeting, Turns, check, require, wait_until};

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
        check.part("three workers, no more and no less", three_at_once)?;
        check.part("results in the order of the inputs, and then no more", in_order)?;
        check.part("inputs are read as results are taken, a window ahead", lazily)?;
        check.part("no thread is left once the iterator is dropped", nobody_is_left)
    })
}

/// Three meet, again and again. With fewer threads they would wait in vain.
fn three_at_once() -> Judged {
    let at_work = Arc::new(AtWork::new());
    let meeting = Arc::new(Meeting::for_all(WORKERS));
    let work = {
        let (at_work, meeting) = (Arc::clone(&at_work), Arc::clone(&meeting));
        move |n: usize| {
            let _working = at_work.begin();
            meeting.attend();
            if meeting.meetings() == 1 {
                thread::sleep(Duration::from_millis(100)); // one too many would come now
            }
            n
        }
    };
    let count = imap(0..10 * WORKERS, WORKERS, 4 * WORKERS, work).count();
    require(count == 10 * WORKERS, "30 results", count.to_string(), BY_HAND)?;
    let most = at_work.most();
    require(
        most == WORKERS && meeting.meetings() == 10,
        format!("{WORKERS} workers, all of them working at the same time"),
        format!("{most} working at the same time"),
        BY_HAND,
    )
}

/// The first input is done last.
fn in_order() -> Judged {
    let turns = Turns::new();
    let work = move |n: usize| {
        if n == 0 {
            turns.wait_for(WORKERS + 1); // so at least two others have handed in their results
        }
        turns.end_turn();
        n * n
    };
    let mut results = imap(0..20, WORKERS, WINDOW, work);
    let seen: Vec<usize> = results.by_ref().take(40).collect();
    let expected: Vec<usize> = (0..20).map(|n| n * n).collect();
    require(
        seen == expected,
        format!("the squares of 0 to 19, in this order, and then `None`:\n{expected:?}"),
        format!("{seen:?}\n(the first input is done last)"),
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
