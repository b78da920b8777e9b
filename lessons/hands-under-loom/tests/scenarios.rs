//! Small programs that use the library as others do.

use std::cell::RefCell;
use std::sync::Arc;

use hands_under_loom::cancel::Token;
use hands_under_loom::failure::Failure;
use hands_under_loom::pool::{Outcome, ThreadPool, as_completed};
use hands_under_loom::timeline::{Mutex, MutexGuard, on_deadlock};
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::{thread, thread_local};
use mutations::{Scenario, Seen};

/// Those of which every schedule is tried.
pub(crate) const SMALL: &[Scenario] = &[
    Scenario { name: "submit", run: submit, sees: &["a join waits", "a join finds its outcome"] },
    Scenario { name: "terminate", run: terminate, sees: &["a task is cancelled", "a task runs"] },
    Scenario {
        name: "child",
        run: child,
        sees: &["it is born cancelled", "it is cancelled later"],
    },
    Scenario { name: "seen", run: seen_before, sees: &["it is cancelled"] },
    Scenario { name: "lock", run: lock, sees: &[] },
    Scenario { name: "two_locks", run: two_locks, sees: &["a deadlock", "no deadlock"] },
];

/// Those that have too many for that.
pub(crate) const LARGER: &[Scenario] = &[
    Scenario { name: "cancel", run: cancel, sees: &["a task is cancelled", "a task runs"] },
    Scenario { name: "results", run: results, sees: &[] },
    Scenario { name: "as_completed", run: completed, sees: &[] },
];

fn pool() -> ThreadPool<'static> {
    ThreadPool::new(1).expect("it starts")
}

fn submit(seen: &Seen) {
    let pool = pool();
    let handle = pool.submit(|n| n + 1, 1);
    seen.note(if handle.is_finished() { "a join finds its outcome" } else { "a join waits" });
    assert_eq!(handle.join(), Ok(2));
    pool.join();
}

fn cancel(seen: &Seen) {
    let pool = pool();
    let handle = pool.submit(|n| n + 1, 1);
    handle.cancel();
    note_outcome(seen, handle.join());
}

fn terminate(seen: &Seen) {
    let (pool, running) = (pool(), Arc::new(AtomicUsize::new(0)));
    let theirs = Arc::clone(&running);
    let task = move |n| {
        theirs.store(1, Ordering::SeqCst);
        theirs.store(0, Ordering::SeqCst);
        n + 1
    };
    let handle = pool.submit(task, 1);
    pool.terminate();
    assert_eq!(running.load(Ordering::SeqCst), 0, "a task runs after its pool");
    note_outcome(seen, handle.join());
}

fn note_outcome(seen: &Seen, outcome: Outcome<i32>) {
    match outcome.map_err(|error| error.failure) {
        Ok(2) => seen.note("a task runs"),
        Err(Failure::Cancelled) => seen.note("a task is cancelled"),
        other => panic!("{other:?}"),
    }
}

fn results(_: &Seen) {
    let pool = pool();
    let results: Vec<_> = pool.window(1).imap(|n| n + 1, 1..3).map(Result::unwrap).collect();
    assert_eq!(results, [2, 3]);
}

fn completed(_: &Seen) {
    let pool = pool();
    let handles = [(1, pool.submit(|n| n + 1, 1))];
    let outcomes: Vec<_> = as_completed(handles).collect();
    assert_eq!(outcomes, [(1, Ok(2))]);
}

/// A token is cancelled while it gets its first child.
fn child(seen: &Seen) {
    let token = Token::new();
    let parent = token.clone();
    let canceller = thread::spawn(move || parent.cancel());
    let child = token.child();
    let born = child.is_cancelled();
    canceller.join().unwrap();
    assert!(child.is_cancelled(), "a child of a token that is cancelled");
    seen.note(if born { "it is born cancelled" } else { "it is cancelled later" });
}

/// Whoever sees that a token is cancelled sees what was written before.
fn seen_before(seen: &Seen) {
    let (token, reason) = (Token::new(), Arc::new(AtomicUsize::new(0)));
    let (theirs, written) = (token.clone(), Arc::clone(&reason));
    let canceller = thread::spawn(move || {
        written.store(1, Ordering::Relaxed);
        theirs.cancel();
    });
    if token.is_cancelled() {
        assert_eq!(reason.load(Ordering::Relaxed), 1, "what was written before");
        seen.note("it is cancelled");
    }
    canceller.join().unwrap();
}

fn lock(_: &Seen) {
    let lock = Arc::new(Mutex::new("count", 0));
    let theirs = Arc::clone(&lock);
    let other = thread::spawn(move || *theirs.lock().unwrap() += 1);
    *lock.lock().unwrap() += 1;
    other.join().unwrap();
    assert_eq!(*lock.lock().unwrap(), 2);
}

thread_local! {
    /// The lock that a thread has while it waits for its second one.
    static FIRST: RefCell<Option<MutexGuard<'static, ()>>> = RefCell::new(None);
}

/// Two threads that lock in different orders. The one that hears of the deadlock gives back what it
/// has, so that nobody waits for ever: if the deadlock isn't told, loom finds it.
fn two_locks(seen: &Seen) {
    let locks: &'static _ = Box::leak(Box::new([Mutex::new("left", ()), Mutex::new("right", ())]));
    on_deadlock(|deadlock| {
        assert_eq!(deadlock.threads.len(), 2, "{deadlock}");
        FIRST.with(|first| first.take());
    });
    // Whether it heard of a deadlock.
    let both = |first: usize, second: usize| {
        FIRST.with(|place| place.replace(Some(locks[first].lock().unwrap())));
        let _second = locks[second].lock();
        FIRST.with(RefCell::take).is_none()
    };
    let other = thread::spawn(move || both(0, 1));
    let told = usize::from(both(1, 0)) + usize::from(other.join().unwrap());
    assert!(told <= 1, "two threads are one deadlock");
    seen.note(if told > 0 { "a deadlock" } else { "no deadlock" });
}
