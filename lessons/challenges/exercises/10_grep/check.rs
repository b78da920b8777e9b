//! Files that exist only here are read, so the check decides how long each takes, and sees who
//! reads when.

use std::collections::HashSet;
use std::io;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, ThreadId};
use std::time::Duration;

use answer::{Found, Sizes, grep};
use challenges::{
    AtWork, Judged, Meeting, Turns, check, let_others_come, others_sleep, require, sign_of_life,
    wait_until,
};

challenges::answer!("../../../../challenges/10_grep.rs");

const SIZES: Sizes = Sizes { workers: 3, window: 8 };

const ORDER: &str = "03_pool.md#lazy-at-both-ends";
const WRONG: &str = "04_futures.md#what-goes-wrong";
const PRESSURE: &str = "10_pipeline.md#back-pressure";

fn main() {
    check("10_grep", |check| {
        check.expect_panic("file 5: it has no end");
        check.part("1. every line that matches, in order", in_order)?;
        check.part("2. as many readers as workers", || at_once(3).and_then(|()| at_once(5)))?;
        check.part("3. a window ahead, and no further", || {
            a_window_ahead(SIZES).and_then(|()| a_window_ahead(Sizes { window: 5, ..SIZES }))
        })?;
        check.part("4. a file that fails is reported in its place", failures)?;
        check.part("5. it stops when it is told to", stops)
    })
}

/// The names of so many files.
fn files(count: usize) -> Vec<String> {
    (0..count).map(|n| n.to_string()).collect()
}

fn number(file: &str) -> usize {
    file.parse().expect("the name of a file")
}

/// The line with which every file begins.
fn first_line(file: &str) -> Found {
    Found::Line { file: file.to_owned(), number: 1, text: format!("many hands in {file}") }
}

/// Three lines, two of which match.
fn text(file: &str) -> String {
    format!("many hands in {file}\nlight work\nhands again\n")
}

/// What is found in the file.
fn in_file(file: &str) -> [Found; 2] {
    let last = Found::Line { file: file.to_owned(), number: 3, text: "hands again".to_owned() };
    [first_line(file), last]
}

fn are(seen: &[Found], expected: &[Found], page: &str) -> Judged {
    let differs = seen.iter().zip(expected).position(|(seen, expected)| seen != expected);
    let at = differs.unwrap_or(seen.len().min(expected.len()));
    require(
        seen == expected,
        format!("{} reports; number {}: {:?}", expected.len(), at + 1, expected.get(at)),
        format!("{} reports; number {}: {:?}", seen.len(), at + 1, seen.get(at)),
        page,
    )
}

/// The first file is read last of the first few.
fn in_order() -> Judged {
    let turns = Turns::new();
    let read = move |file: &str| {
        if file == "0" {
            turns.wait_for(SIZES.workers);
        }
        turns.end_turn();
        Ok(text(file))
    };
    let mut seen = Vec::new();
    grep("hands", files(20), SIZES, read, |found| {
        seen.push(found);
        Continue(())
    });
    are(&seen, &files(20).iter().flat_map(|file| in_file(file)).collect::<Vec<_>>(), ORDER)?;
    another_pattern()
}

/// It occurs in every other file.
fn another_pattern() -> Judged {
    let read = |file: &str| match number(file) % 2 {
        0 => Ok(text(file)),
        _ => Ok("nothing\n".to_owned()),
    };
    let mut seen = Vec::new();
    grep("light", files(6), SIZES, read, |found| {
        seen.push(found);
        Continue(())
    });
    let light = |file: &str| Found::Line {
        file: file.to_owned(),
        number: 2,
        text: "light work".to_owned(),
    };
    are(&seen, &["0", "2", "4"].map(light), ORDER)
}

/// All readers meet, again and again. With fewer they would wait in vain.
fn at_once(workers: usize) -> Judged {
    let (at_work, meeting) = (Arc::new(AtWork::new()), Arc::new(Meeting::for_all(workers)));
    let threads = Arc::new(Mutex::new(HashSet::<ThreadId>::new()));
    let read = {
        let (at_work, meeting, threads) = (at_work.clone(), meeting.clone(), threads.clone());
        move |file: &str| {
            let _reading = at_work.begin();
            threads.lock().expect("nobody panics here").insert(thread::current().id());
            meeting.attend();
            if meeting.meetings() == 1 {
                let_others_come(Duration::from_millis(100)); // one too many would come now
            }
            Ok(text(file))
        }
    };
    let sizes = Sizes { workers, window: 3 * workers };
    grep("hands", files(6 * workers), sizes, read, |_| Continue(()));
    let most = at_work.most();
    require(
        most == workers && meeting.meetings() == 6,
        format!("{workers} files being read at the same time"),
        format!("{most} at the same time"),
        ORDER,
    )?;
    let threads = threads.lock().expect("nobody panics here").len();
    require(
        threads <= workers,
        format!("{workers} threads, however many files there are"),
        format!("{threads} threads: is there one for each file?"),
        ORDER,
    )
}

/// A file is begun too early if more than a window of them have been begun beyond the one that is
/// being reported.
fn a_window_ahead(sizes: Sizes) -> Judged {
    const FILES: usize = 200;
    let begun = Arc::new(AtomicUsize::new(0));
    let reported = Arc::new(AtomicUsize::new(0));
    let too_early = Arc::new(OnceLock::new());
    let read = {
        let (begun, reported, too_early) = (begun.clone(), reported.clone(), too_early.clone());
        move |file: &str| {
            sign_of_life();
            // In this order: it's never too early only because we looked too late.
            let before = begun.fetch_add(1, SeqCst) + 1;
            let done = reported.load(SeqCst);
            if before > done + 1 + sizes.window {
                let _ = too_early.set((before, done));
            }
            Ok(first_line_alone(file))
        }
    };
    let mut fewest = usize::MAX;
    grep("hands", files(FILES), sizes, read, |_| {
        let done = reported.fetch_add(1, SeqCst);
        if done < 5 {
            // It takes long to report this one. Meanwhile files are read, a window ahead.
            if fewest >= sizes.window {
                wait_until(|| begun.load(SeqCst) >= done + sizes.window);
            }
            fewest = fewest.min(begun.load(SeqCst) - done);
        }
        Continue(())
    });
    let seen = too_early
        .get()
        .map(|(begun, done)| format!("{begun} files had been begun when {done} had been reported"));
    require(
        seen.is_none(),
        format!("that at most {} files are begun beyond the one being reported", sizes.window),
        seen.unwrap_or_default(),
        PRESSURE,
    )?;
    require(
        fewest >= sizes.window,
        format!("{} files ahead, even while `report` takes long", sizes.window),
        format!("only {fewest}, and then no more"),
        PRESSURE,
    )
}

fn first_line_alone(file: &str) -> String {
    format!("many hands in {file}\n")
}

fn failures() -> Judged {
    let read = |file: &str| match number(file) {
        2 => Err(io::Error::other("file 2: no access: not yours")),
        5 => panic!("file 5: it has no end: or none was found"),
        _ => Ok(first_line_alone(file)),
    };
    let mut seen = Vec::new();
    grep("hands", files(10), SIZES, read, |found| {
        seen.push(found);
        Continue(())
    });
    let failed = |file: &str, reason: &str| Found::Failed {
        file: file.to_owned(),
        reason: reason.to_owned(),
    };
    let expected = files(10).into_iter().map(|file| match number(&file) {
        2 => failed(&file, "file 2: no access: not yours"),
        5 => failed(&file, "file 5: it has no end: or none was found"),
        _ => first_line(&file),
    });
    are(&seen, &expected.collect::<Vec<_>>(), WRONG)
}

/// At the first report, which says `Break`, all readers are in the middle of a file. They go on
/// once `grep` is asleep, because it waits for them, or has returned.
fn stops() -> Judged {
    let reading = Arc::new(AtWork::new());
    let go_on = Arc::new(OnceLock::new());
    let read = {
        let (reading, go_on) = (reading.clone(), go_on.clone());
        move |file: &str| {
            let _reading = reading.begin();
            if file != "0" {
                go_on.wait();
            }
            Ok(text(file))
        }
    };
    let has_returned = Arc::new(AtomicBool::new(false));
    let (mut reports, mut keeper) = (0, None);
    let report = |_| -> ControlFlow<()> {
        reports += 1;
        if reports > 1 {
            return Break(());
        }
        wait_until(|| reading.now() == SIZES.workers);
        let (go_on, has_returned) = (go_on.clone(), has_returned.clone());
        keeper.get_or_insert_with(|| {
            thread::spawn(move || {
                others_sleep();
                let too_early = has_returned.load(SeqCst);
                let _ = go_on.set(());
                too_early
            })
        });
        Break(())
    };
    grep("hands", files(100), SIZES, read, report);
    has_returned.store(true, SeqCst);
    let too_early = keeper.is_some_and(|keeper| keeper.join().expect("no panic here"));
    require(reports == 1, "no more reports after `Break`", format!("{reports} in all"), PRESSURE)?;
    require(
        !too_early && reading.now() == 0,
        "that nobody is reading any more when `grep` returns",
        "it returned while workers were still reading: who waits for them?",
        PRESSURE,
    )?;
    let begun = reading.all();
    require(
        begun == 1 + SIZES.workers,
        format!("that no other file is begun after `Break`: {}, in all", 1 + SIZES.workers),
        format!("{begun} were begun"),
        PRESSURE,
    )
}
