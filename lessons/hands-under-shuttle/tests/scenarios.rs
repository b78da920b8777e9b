//! Small programs that use the library as others do.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hands_under_shuttle::cancel::Token;
use hands_under_shuttle::failure::Failure;
use hands_under_shuttle::pool::{ThreadPool, as_completed};
use hands_under_shuttle::timeline::{Mutex, on_deadlock};
use mutations::{Scenario, Seen};
use shuttle::thread;

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "submit", run: submit, sees: &["a join waits", "a join finds its outcome"] },
    Scenario { name: "as_completed", run: completed, sees: &["the second comes first"] },
    Scenario { name: "cancel", run: cancel, sees: &["a task is cancelled", "a task runs"] },
    Scenario { name: "imap", run: imap, sees: &["the second task ends first"] },
    Scenario { name: "dropped", run: dropped, sees: &["a task isn't begun"] },
    Scenario { name: "join", run: join, sees: &[] },
    Scenario { name: "terminate", run: terminate, sees: &["a task is cancelled", "a task runs"] },
    Scenario { name: "collected", run: collected, sees: &["a task is cancelled", "a task runs"] },
    Scenario { name: "stopped", run: stopped, sees: &["a task is cancelled", "all tasks run"] },
    Scenario { name: "deadlock", run: deadlock, sees: &["a deadlock", "no deadlock"] },
];

fn pool(workers: usize) -> ThreadPool<'static> {
    ThreadPool::new(workers).expect("it starts")
}

fn submit(seen: &Seen) {
    let pool = pool(2);
    let handles = [1, 2, 3].map(|n| pool.submit(|n| n * n, n));
    for (n, handle) in [1, 4, 9].into_iter().zip(handles) {
        seen.note(if handle.is_finished() { "a join finds its outcome" } else { "a join waits" });
        assert_eq!(handle.join(), Ok(n));
    }
}

fn completed(seen: &Seen) {
    let pool = pool(2);
    let handles = [1, 2].map(|n| (n, pool.submit(|n| n, n)));
    let order: Vec<i32> =
        as_completed(handles).map(|(n, outcome)| outcome.map(|m| n * m).unwrap()).collect();
    match order[..] {
        [1, 4] => {}
        [4, 1] => seen.note("the second comes first"),
        _ => panic!("{order:?}"),
    }
}

fn cancel(seen: &Seen) {
    let pool = pool(1);
    let (first, second) = (pool.submit(|n| n, 1), pool.submit(|n| n, 2));
    second.cancel();
    assert_eq!(first.join(), Ok(1));
    match second.join() {
        Ok(n) => {
            assert_eq!(n, 2);
            seen.note("a task runs");
        }
        Err(error) => {
            assert_eq!(error.failure, Failure::Cancelled);
            seen.note("a task is cancelled");
        }
    }
}

fn imap(seen: &Seen) {
    let pool = pool(2);
    let ended = Arc::new(AtomicUsize::new(0));
    let places = Arc::clone(&ended);
    let task = move |n: usize| (n, places.fetch_add(1, Ordering::Relaxed));
    let results: Vec<_> = pool.window(2).imap(task, 0..3).collect::<Result<_, _>>().unwrap();
    let order: Vec<usize> = results.iter().map(|(n, _)| *n).collect();
    assert_eq!(order, [0, 1, 2], "in the order of the inputs");
    if results[1].1 < results[0].1 {
        seen.note("the second task ends first");
    }
}

fn dropped(seen: &Seen) {
    let pool = pool(1);
    let counters = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let (taken, begun) = (Arc::clone(&counters), Arc::clone(&counters));
    let inputs = (0..).inspect(move |_| _ = taken[0].fetch_add(1, Ordering::Relaxed));
    let task = move |_: usize| begun[1].fetch_add(1, Ordering::Relaxed);
    let mut results = pool.window(3).imap(task, inputs);
    results.next().expect("there are enough").unwrap();
    drop(results);
    pool.join(); // runs what was sent and is still wanted
    let [taken, begun] = [0, 1].map(|n| counters[n].load(Ordering::Relaxed));
    assert!(1 <= begun && begun <= taken && taken <= 3, "{begun} of {taken} tasks ran");
    if begun < taken {
        seen.note("a task isn't begun");
    }
}

fn join(_: &Seen) {
    let pool = pool(2);
    let ran = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let ran = Arc::clone(&ran);
        drop(pool.submit(move |()| ran.fetch_add(1, Ordering::Relaxed), ()));
    }
    pool.join();
    assert_eq!(ran.load(Ordering::Relaxed), 3, "all that was submitted has run");
}

fn terminate(seen: &Seen) {
    let pool = pool(2);
    let running = Arc::new(AtomicUsize::new(0));
    let handles = [1, 2, 3].map(|n| {
        let running = Arc::clone(&running);
        let task = move |n: i32| {
            running.fetch_add(1, Ordering::Relaxed);
            thread::yield_now();
            running.fetch_sub(1, Ordering::Relaxed);
            n
        };
        pool.submit(task, n)
    });
    pool.terminate();
    assert_eq!(running.load(Ordering::Relaxed), 0, "a task runs after its pool");
    for handle in handles {
        let outcome = handle.join().map_err(|error| error.failure);
        assert!(matches!(outcome, Ok(_) | Err(Failure::Cancelled)), "{outcome:?}");
        seen.note(if outcome.is_ok() { "a task runs" } else { "a task is cancelled" });
    }
}

/// The pool is terminated while another thread takes the outcomes.
fn collected(seen: &Seen) {
    let pool = pool(1);
    let handles = [1, 2].map(|n| (n, pool.submit(|n| n, n)));
    let collector = thread::spawn(move || as_completed(handles).collect::<Vec<_>>());
    pool.terminate();
    let outcomes = collector.join().unwrap();
    assert_eq!(outcomes.len(), 2, "each task answers");
    for (n, outcome) in outcomes {
        let outcome = outcome.map_err(|error| error.failure);
        assert!(outcome == Ok(n) || outcome == Err(Failure::Cancelled), "{outcome:?}");
        seen.note(if outcome.is_ok() { "a task runs" } else { "a task is cancelled" });
    }
}

/// A token is cancelled by another thread while results are taken.
fn stopped(seen: &Seen) {
    let (pool, token) = (pool(1), Token::new());
    let theirs = token.clone();
    let canceller = thread::spawn(move || theirs.cancel());
    let outcomes: Vec<_> = pool.token(&token).window(1).imap(|n: usize| n, 0..2).collect();
    canceller.join().unwrap();
    for (n, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(value) => assert_eq!(*value, n),
            Err(error) => assert_eq!((error.task, &error.failure), (n, &Failure::Cancelled)),
        }
    }
    let all_run = outcomes.len() == 2 && outcomes.iter().all(Result::is_ok);
    seen.note(if all_run { "all tasks run" } else { "a task is cancelled" });
}

/// Two that lock in different orders, and a third that comes in between. The one that hears of the
/// deadlock gives up what it has, by a panic, so that nobody waits for ever: if the deadlock isn't
/// told, shuttle finds it.
fn deadlock(seen: &Seen) {
    let locks = Arc::new([Mutex::new("left", ()), Mutex::new("right", ())]);
    on_deadlock(|deadlock| {
        assert_eq!(deadlock.threads.len(), 2, "{deadlock}");
        panic::panic_any(GiveUp);
    });
    let threads = [(0, 1), (1, 0), (0, 0)].map(|(first, second)| {
        let locks = Arc::clone(&locks);
        thread::spawn(move || {
            let both = || {
                let _first = locks[first].lock();
                let _second = (first != second).then(|| locks[second].lock());
            };
            let gave_up = panic::catch_unwind(AssertUnwindSafe(both)).err();
            gave_up.is_some_and(|payload| payload.is::<GiveUp>())
        })
    });
    let gave_up = threads.map(|thread| thread.join().unwrap()).into_iter().filter(|it| *it).count();
    assert!(gave_up <= 1, "two threads are one deadlock");
    seen.note(if gave_up > 0 { "a deadlock" } else { "no deadlock" });
}

struct GiveUp;
