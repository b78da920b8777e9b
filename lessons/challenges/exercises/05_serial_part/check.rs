//! Four threads index at the same time, and each page is indexed once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use answer::index_all;
use challenges::{AtWork, Judged, Meeting, Turns, check, require};

challenges::answer!("../../../../challenges/05_serial_part.rs");

const THREADS: usize = 4;
const PAGES: usize = 24;

const LOCK: &str = "05_cpu_bound.md#two-mistakes";

fn main() {
    check("05_serial_part", |check| {
        check.part("each page is indexed once", each_once)?;
        check.part("four threads index at the same time", at_the_same_time)?;
        check.part("they share the pages: a slow one holds up a single thread", shared)
    })
}

fn pages() -> Vec<String> {
    (0..PAGES).map(|n| n.to_string()).collect()
}

fn each_once() -> Judged {
    let at_work = AtWork::new();
    let mut seen = index_all(pages(), |page| {
        let _working = at_work.begin();
        page.parse().unwrap_or(u64::MAX)
    });
    seen.sort_unstable();
    let expected: Vec<u64> = (0..PAGES as u64).collect();
    require(
        seen == expected && at_work.all() == PAGES,
        format!("a result for each of {PAGES} pages, from 0 to {}", PAGES - 1),
        format!("sorted, {seen:?}, from {} calls of `index`", at_work.all()),
        LOCK,
    )
}

fn at_the_same_time() -> Judged {
    let (at_work, meeting) = (AtWork::new(), Meeting::for_all(THREADS));
    index_all(pages(), |_| {
        let _working = at_work.begin();
        meeting.attend();
        0
    });
    let most = at_work.most();
    require(
        most == THREADS && meeting.meetings() == PAGES / THREADS,
        format!("that {THREADS} threads index at the same time"),
        match most {
            1 => "only one at a time: which locks does it hold while it calls `index`?".to_owned(),
            _ => format!("{most} at a time"),
        },
        LOCK,
    )
}

/// The page that is begun first is done once all others are.
fn shared() -> Judged {
    let (begun, turns, is_last) = (AtomicUsize::new(0), Turns::new(), AtomicBool::new(false));
    index_all(pages(), |_| {
        if begun.fetch_add(1, Relaxed) == 0 {
            is_last.store(turns.wait_for(PAGES - 1), Relaxed);
        }
        turns.end_turn();
        0
    });
    require(
        is_last.load(Relaxed),
        "that a thread that is free takes the next page, whichever it is",
        "some pages waited behind a slow one: were they divided up beforehand?",
        LOCK,
    )
}
