//! The server counts its connections at every moment: four, never five, even while eight workers
//! save. And a page that doesn't exist takes no place away.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use answer::fetch_all;
use challenges::{AtWork, Door, Judged, Meeting, Rush, check, others_sleep, require, sign_of_life};

challenges::answer!("../../../../challenges/06_open_at_most.rs");

const WORKERS: usize = 12;
const AT_MOST: usize = 4;
const OTHER: usize = 6;
const PAGES: u32 = 40;

/// The first pages don't exist. They are too few to take all places away, so that even a wrong
/// answer comes to its end.
const MISSING: u32 = AT_MOST as u32 - 1;

/// This many can save while the others keep all connections open.
const SAVING: usize = WORKERS - AT_MOST;

const MANY: &str = "06_io_bound.md#how-many-workers";
const POOL: &str = "06_io_bound.md#process-or-pool";

fn main() {
    check("06_open_at_most", |check| {
        check.if_stuck(
            "who takes a place and never gives it back? And is a lock held while a worker asks or saves?",
            MANY,
        );
        check
            .part("four connections, never five, even while eight workers save", four_and_eight)?;
        check.part("a page that doesn't exist takes no place away", no_such_page)?;
        check.part("fewer workers than connections: all of them ask", all_ask)?;
        check.part("a worker without a connection sleeps", without_connection)?;
        check.part("two thousand pages in a hurry", in_a_hurry)
    })
}

/// The first eight that save wait for each other; meanwhile four ask.
fn four_and_eight() -> Judged {
    let pages: Vec<u32> = (0..PAGES).collect();
    let door = Door::new(pages.len(), AT_MOST);
    let meeting = Meeting::for_all(SAVING);
    let (threads, saved) = (Mutex::new(HashSet::new()), Mutex::new(Vec::new()));
    fetch_all(
        WORKERS,
        AT_MOST,
        &pages,
        |page| {
            enter(&threads);
            door.pass(&page.to_string());
            Some(format!("page {page}"))
        },
        |page, text| {
            enter(&threads);
            let number = {
                let mut saved = saved.lock().unwrap_or_else(PoisonError::into_inner);
                saved.push((page, text));
                saved.len()
            };
            if number <= SAVING {
                meeting.attend();
            }
        },
    );
    let rush = door.close();
    let of = "one of four connections is closed, and no worker has opened the next:";
    judge(rush, AT_MOST, &format!("{of} are they waiting while another worker saves?"))?;
    require(
        meeting.meetings() == 1,
        format!("that {SAVING} workers save, while {AT_MOST} ask"),
        format!(
            "at most {} saved at the same time: are they waiting while another worker saves?",
            meeting.most()
        ),
        MANY,
    )?;
    let threads = threads.into_inner().unwrap_or_else(PoisonError::into_inner).len();
    require(
        threads <= WORKERS,
        format!("{WORKERS} workers, however many pages there are"),
        format!("{threads} threads asked and saved: is there a thread for each page?"),
        POOL,
    )?;
    let mut saved = saved.into_inner().unwrap_or_else(PoisonError::into_inner);
    saved.sort();
    let expected: Vec<_> = pages.iter().map(|page| (*page, format!("page {page}"))).collect();
    require(
        saved == expected,
        format!("that each of {PAGES} pages is saved once"),
        format!(
            "{} were, and these are the first: {:?}",
            saved.len(),
            &saved[..saved.len().min(3)]
        ),
        MANY,
    )
}

/// After a page that doesn't exist, there is a next one, too. And four isn't special.
fn no_such_page() -> Judged {
    let pages: Vec<u32> = (0..PAGES).collect();
    let door = Door::new(pages.len(), OTHER);
    let saved = Mutex::new(BTreeSet::new());
    fetch_all(
        WORKERS,
        OTHER,
        &pages,
        |page| {
            door.pass(&page.to_string());
            (page >= MISSING).then(|| "a page".to_owned())
        },
        |page, _| {
            sign_of_life();
            saved.lock().unwrap_or_else(PoisonError::into_inner).insert(page);
        },
    );
    let rush = door.close();
    judge(
        rush,
        OTHER,
        "there was no such page, and no worker has asked for the next: is the place given back?",
    )?;
    let saved = saved.into_inner().unwrap_or_else(PoisonError::into_inner);
    require(
        saved == (MISSING..PAGES).collect(),
        format!("that pages {MISSING} to {} are saved, which exist", PAGES - 1),
        format!("{saved:?} were"),
        MANY,
    )
}

/// There are connections for all workers, so each of them asks, and saves what it has.
fn all_ask() -> Judged {
    const FEW: usize = 3;
    let pages: Vec<u32> = (0..12).collect();
    let door = Door::new(pages.len(), FEW);
    let saved = AtWork::new();
    fetch_all(
        FEW,
        AT_MOST + 1,
        &pages,
        |page| {
            door.pass(&page.to_string());
            Some(String::new())
        },
        |_, _| drop(saved.begin()),
    );
    let seen = match door.close() {
        None => None,
        Some(Rush::TooFew(few) | Rush::NoNext(few)) => Some(format!("{few} of them ask")),
        Some(Rush::TooMany) => Some("more than three do".to_owned()),
        Some(Rush::Again(page)) => Some(format!("page {page} is asked for twice")),
    };
    require(
        seen.is_none(),
        format!("that {FEW} workers ask at the same time, because {} may", AT_MOST + 1),
        format!("{}: is there a worker that only saves?", seen.unwrap_or_default()),
        MANY,
    )?;
    require(
        saved.all() == pages.len(),
        format!("that {} pages are saved", pages.len()),
        format!("{} were: is there anyone left to save?", saved.all()),
        MANY,
    )
}

/// All connections are open, and eight workers wait for one.
fn without_connection() -> Judged {
    let pages: Vec<u32> = (0..PAGES).collect();
    let (open, asleep) = (AtWork::new(), OnceLock::new());
    fetch_all(
        WORKERS,
        AT_MOST,
        &pages,
        |_| {
            let _open = open.begin();
            if asleep.get().is_none() && open.now() == AT_MOST {
                asleep.get_or_init(others_sleep);
            }
            asleep.wait();
            Some(String::new())
        },
        |_, _| {},
    );
    require(
        asleep.get() == Some(&true),
        "that workers sleep until a connection is free",
        "they compute: a loop that looks again and again keeps a core busy",
        MANY,
    )
}

/// If a worker looks how many are open, and then opens one, another gets in between sooner or
/// later.
fn in_a_hurry() -> Judged {
    let pages: Vec<u32> = (0..2000).collect();
    let (open, saved) = (AtWork::new(), AtWork::new());
    fetch_all(
        WORKERS,
        AT_MOST,
        &pages,
        |_| {
            let _open = open.begin();
            thread::sleep(Duration::from_micros(50));
            Some(String::new())
        },
        |_, _| drop(saved.begin()),
    );
    judge((open.most() > AT_MOST).then_some(Rush::TooMany), AT_MOST, "")?;
    require(
        open.all() == pages.len() && saved.all() == pages.len(),
        format!("that each of {} pages is asked for and saved, once", pages.len()),
        format!("{} were asked for, and {} saved", open.all(), saved.all()),
        MANY,
    )
}

fn enter(threads: &Mutex<HashSet<ThreadId>>) {
    threads.lock().unwrap_or_else(PoisonError::into_inner).insert(thread::current().id());
}

fn judge(rush: Option<Rush>, at_most: usize, no_next: &str) -> Judged {
    let Some(rush) = rush else { return Ok(()) };
    let (expected, seen) = match rush {
        Rush::Again(page) => {
            ("one connection for each page".to_owned(), format!("page {page} was asked for twice"))
        }
        Rush::TooMany => (
            format!("{at_most} connections at most, with {WORKERS} workers"),
            format!("one more was opened while {at_most} were open, and was thrown out"),
        ),
        Rush::TooFew(open) => {
            (format!("{at_most} connections at a time"), format!("at most {open} at a time"))
        }
        Rush::NoNext(open) => (
            format!("{at_most} open connections, as long as there are pages to ask for"),
            format!("{open} are open; {no_next}"),
        ),
    };
    require(false, expected, seen, MANY)
}
