//! A lock that everybody wants all the time.

use std::hint::black_box;
use std::io;
use std::thread;

use hands::timeline::{Mutex, span}; // std's, with a name, and it records each wait

// ANCHOR: contention
/// Each worker computes while it holds the lock, so one computes and all the others wait.
pub(crate) fn contention(workers: usize) -> io::Result<()> {
    let sums = Mutex::new("the sums", Vec::new());
    thread::scope(|s| {
        for _ in 0..workers {
            thread::Builder::new().spawn_scoped(s, || {
                for n in 1..=5 {
                    let mut sums = sums.lock().expect("nobody panics");
                    let _span = span(format!("sum {n}"));
                    sums.push((0..20_000_000_u64).map(black_box).sum::<u64>());
                }
            })?;
        }
        Ok(())
    })
}
// ANCHOR_END: contention
