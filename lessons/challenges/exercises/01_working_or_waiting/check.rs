//! Tasks whose clocks the check moves by hand, so that a busy machine doesn't matter; and then a
//! real task that waits and a real one that computes, with the clocks of this thread.

use std::cell::Cell;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use answer::{Clocks, Kind, measure};
use challenges::{Judged, check, require, sign_of_life};
use rustix::time::{ClockId, clock_gettime};

challenges::answer!("../../../../challenges/01_working_or_waiting.rs");

const READ: &str = "01_sync.md#read-it";
const KINDS: &str = "01_sync.md#working-or-waiting";
const SURPRISE: &str = "01_sync.md#what-surprised-us";

const MS: Duration = Duration::from_millis(1);
const NS: Duration = Duration::from_nanos(1);

/// How many times a real task is tried if the machine has no time for it.
const TRIES: u32 = 50;

fn main() {
    check("01_working_or_waiting", |check| {
        check.part("a task that computes, and one that waits", || {
            let why = "a stopwatch alone can't tell";
            told(Kind::Working, MS, [900, 900], why, KINDS)?;
            told(Kind::Waiting, MS, [2000, 0], why, KINDS)
        })?;
        check.part("a task that waits works a little, too", || {
            told(Kind::Waiting, MS, [2000, 3], "a task that waits works a little, too", SURPRISE)
        })?;
        check.part("a short task, and a long one", || {
            let why = "the share counts, not the milliseconds";
            told(Kind::Working, MS, [4, 4], why, KINDS)?;
            told(Kind::Waiting, MS, [60_000, 1500], why, KINDS)?;
            told(Kind::Working, MS, [60_000, 30_000], "that is half of the time", KINDS)?;
            told(Kind::Waiting, MS, [60_000, 29_999], "that is less than half of the time", KINDS)
        })?;
        check.part("half of the time, to the nanosecond", || {
            let why = "whole milliseconds are too coarse, and half of 3 isn't 1";
            for unit in [MS, 100_000 * NS, NS] {
                told(Kind::Waiting, unit, [3, 1], why, KINDS)?;
                told(Kind::Working, unit, [3, 2], why, KINDS)?;
            }
            Ok(())
        })?;
        check.part("a task on two processors", || {
            let why =
                "two processors for a second are two seconds, and no `Duration` is less than zero";
            told(Kind::Working, MS, [1000, 2000], why, KINDS)
        })?;
        check.part("a real task that waits for a letter", || real(Kind::Waiting, wait))?;
        check.part("a real task that counts primes", || real(Kind::Working, compute))
    })
}

/// A task during which both clocks go on by this many units: the one that always runs, and the
/// processor's.
fn told(expected: Kind, unit: Duration, clocks: [u32; 2], why: &str, page: &str) -> Judged {
    let [real, on_processor] = clocks.map(|units| unit * units);
    // Before the task, the program has waited or worked for a while.
    for (before, what) in [([50_000, 1000], "waited"), ([90_000, 90_000], "worked")] {
        let before = before.map(|ms| MS * ms);
        let clocks = Cell::new(before);
        let reads_before = Cell::new(0);
        let (reads, runs) = (Cell::new(0), Cell::new(0));
        let read = || {
            reads.set(reads.get() + 1);
            let [real, on_processor] = clocks.get();
            Clocks { real, on_processor }
        };
        let task = || {
            reads_before.set(reads.get());
            runs.set(runs.get() + 1);
            clocks.set([before[0] + real, before[1] + on_processor]);
        };
        let seen = catch_unwind(AssertUnwindSafe(|| measure(read, task)));
        require(runs.get() == 1, "that the task runs", "it didn't", READ)?;
        let (first, last) = (reads_before.get() > 0, reads.get() > reads_before.get());
        require(
            first && last,
            "that the clocks are read before the task begins, and again when it has ended",
            match (first, last) {
                (false, true) => {
                    "what the clocks showed at the end, and not how far they had gone in between"
                }
                (true, false) => "what the clocks showed before the task began",
                _ => "no clock was read",
            },
            READ,
        )?;
        require(
            seen.as_ref().is_ok_and(|seen| *seen == expected),
            format!(
                "{expected:?}, for a task that takes {real:?}, of them {on_processor:?} on a processor",
            ),
            format!(
                "{}; {why} (before the task the program had {what})",
                match seen {
                    Ok(seen) => format!("{seen:?}"),
                    Err(_) => "a panic".to_owned(),
                }
            ),
            page,
        )?;
    }
    Ok(())
}

/// The task measures itself, so that it's judged only if the result is clear. On a busy machine
/// even a task that wants to work has to wait.
fn real(expected: Kind, task: fn()) -> Judged {
    let begin = Instant::now();
    let read = || Clocks { real: begin.elapsed(), on_processor: on_processor() };
    for _ in 0..TRIES {
        sign_of_life();
        let inner = Cell::new([Duration::ZERO; 2]);
        let before = read();
        let seen = measure(read, || {
            let before = read();
            task();
            inner.set(between(&before, &read()));
        });
        // The answer's clocks went on by no less than the inner clocks, and by no more than the
        // outer ones.
        let (least, most) = (inner.get(), between(&before, &read()));
        let is_clear = match expected {
            Kind::Working => least[1] * 4 >= most[0] * 3,
            Kind::Waiting => most[1] * 4 <= least[0],
        };
        if is_clear {
            return require(
                seen == expected,
                format!(
                    "{expected:?}, for a task that took {:.1?}, of them {:.1?} on a processor",
                    most[0], least[1]
                ),
                format!("{seen:?}"),
                KINDS,
            );
        }
    }
    Ok(()) // the machine is too busy; but the clocks that were moved by hand have passed
}

/// How far both clocks went.
fn between(start: &Clocks, end: &Clocks) -> [Duration; 2] {
    [end.real - start.real, end.on_processor - start.on_processor]
}

/// How long this thread has been on a processor so far.
fn on_processor() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("a clock goes forward from zero")
}

fn wait() {
    let (sender, letters) = mpsc::channel();
    thread::spawn(move || {
        thread::sleep(30 * MS);
        sender.send("a letter")
    });
    letters.recv().expect("a letter comes");
}

fn compute() {
    let is_prime = |n: &u32| (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    black_box((2..black_box(4_000)).filter(is_prime).count());
}
