//! All of rayon's threads take part, and the results are in the order of the words.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use answer::count_all;
use challenges::{Judged, Meeting, Turns, check, require};

challenges::answer!("../../../../challenges/05_rayon.rs");

const THREADS: usize = 4;
const WAYS: &str = "05_cpu_bound.md#five-ways";

fn main() {
    check("05_rayon", |check| {
        check.part("four of rayon's threads take part, at the same time", at_the_same_time)?;
        check.part("results in the order of the words", in_order)
    })
}

/// The name of each thread of the pool that the answer is called in.
const OURS: &str = "rayon's, in this check";

/// Runs it in a pool of four of rayon's threads, however many cores there are.
fn in_pool<R: Send>(run: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS);
    let pool = pool.thread_name(|_| OURS.to_owned()).build();
    pool.expect("four threads start").install(run)
}

fn words() -> Vec<String> {
    (0..64).map(|n| "many hands ".repeat(n)).collect()
}

fn at_the_same_time() -> Judged {
    let meeting = Meeting::for_all(THREADS);
    let begun = Turns::new();
    let threads = Mutex::new(BTreeSet::new());
    in_pool(|| {
        count_all(&words(), |word| {
            let is_ours = thread::current().name() == Some(OURS);
            let thread = if is_ours { rayon::current_thread_index() } else { None };
            threads.lock().expect("nobody panics").insert(thread);
            // The first word of each thread attends. Nobody knows how many others there are.
            begun.end_turn();
            if begun.over() <= THREADS {
                meeting.attend();
            }
            word.len()
        })
    });
    let most = meeting.most();
    require(
        most == THREADS,
        format!(
            "that {THREADS} words are counted at the same time, on a pool of {THREADS} threads"
        ),
        format!("{most} at the same time"),
        WAYS,
    )?;
    let threads = threads.into_inner().expect("nobody panics");
    require(
        threads.len() == THREADS && !threads.contains(&None),
        "that it is rayon's threads that do the work, those that are there already",
        "other threads did some of it, or all of it",
        WAYS,
    )
}

/// Words that are handed out one by one come back in any order, but now and then in the right one.
const ROUNDS: usize = 5;

fn in_order() -> Judged {
    (0..ROUNDS).try_for_each(|_| in_order_once())
}

/// The first three words to begin, each in another thread, are done once ten others are. From then
/// on, everyone takes turns.
fn in_order_once() -> Judged {
    let (begun, over) = (AtomicUsize::new(0), Turns::new());
    let seen = in_pool(|| {
        count_all(&words(), |word| {
            if begun.fetch_add(1, Relaxed) < THREADS - 1 {
                over.wait_for(10);
            } else {
                thread::sleep(Duration::from_micros(100));
            }
            over.end_turn();
            word.len()
        })
    });
    let expected: Vec<_> = words().iter().map(String::len).collect();
    require(
        seen == expected,
        format!("64 results in the order of the words: {:?} ...", &expected[..6]),
        format!(
            "{} results: {:?} ... (the first words weren't done first)",
            seen.len(),
            &seen[..seen.len().min(6)]
        ),
        WAYS,
    )
}
