//! What all workers count together; and a worker that panics in the middle.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

use hands::println;
use hands::timeline::span;

// ANCHOR: count
const EACH: u64 = 100_000;

/// All workers add 1 to a number, again and again, in three ways.
pub(crate) fn count(workers: usize) -> io::Result<()> {
    let lost = |counted| 100.0 - counted as f64 / (workers as u64 * EACH) as f64 * 100.0;

    let number = AtomicU64::new(0);
    together(workers, "read, then write", || {
        let seen = number.load(Relaxed);
        if seen.is_multiple_of(1_000) {
            thread::yield_now(); // another thread's turn: it may come at any time, and here it does
        }
        number.store(seen + 1, Relaxed); // what others have added since then is lost
    })?;
    println!("read, then write: {:.1} % lost", lost(number.into_inner()));

    let number = AtomicU64::new(0);
    together(workers, "fetch_add", || {
        number.fetch_add(1, Relaxed);
    })?;
    println!("fetch_add: {:.1} % lost", lost(number.into_inner()));

    let number = Mutex::new(0);
    together(workers, "Mutex", || {
        let mut guard = number.lock().expect("nobody panics"); // waits until it is free
        *guard += 1;
    })?; // each call drops its guard, and that unlocks
    println!("Mutex: {:.1} % lost", lost(number.into_inner().expect("nobody panics")));
    Ok(())
}

fn together(workers: usize, name: &'static str, add: impl Fn() + Sync) -> io::Result<()> {
    thread::scope(|s| {
        for _ in 0..workers {
            thread::Builder::new().spawn_scoped(s, || {
                let _span = span(name);
                (0..EACH).for_each(|_| add());
            })?;
        }
        Ok(())
    })
}
// ANCHOR_END: count

// ANCHOR: poisoned
/// A thread panics while it holds a lock. What it was changing may be half finished.
pub(crate) fn poisoned() {
    let row = Arc::new(Mutex::new([20, 20, 20, 20]));
    let shared = Arc::clone(&row);
    let worker = thread::spawn(move || {
        let mut row = shared.lock().expect("nobody has panicked yet");
        row[0..2].fill(100);
        panic!("in the middle of the row");
    });
    worker.join().expect_err("it panics");
    match row.lock() {
        Ok(row) => println!("the row is {row:?}"),
        Err(poisoned) => println!("poisoned, and half done: {:?}", poisoned.into_inner()),
    }
}
// ANCHOR_END: poisoned
