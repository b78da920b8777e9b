//@ refused: a prediction of 103ms
// What was right once.

use std::thread;
use std::time::{Duration, Instant};

pub fn predict(_sleeps: [Duration; 3]) -> Duration {
    Duration::from_millis(103)
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    let start = Instant::now();
    sleeps.into_iter().for_each(thread::sleep);
    start.elapsed()
}
