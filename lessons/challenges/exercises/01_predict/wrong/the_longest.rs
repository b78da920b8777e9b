//@ refused: a prediction of 100ms
// As if they slept at the same time.

use std::thread;
use std::time::{Duration, Instant};

pub fn predict(sleeps: [Duration; 3]) -> Duration {
    sleeps.into_iter().max().unwrap_or_default()
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    let start = Instant::now();
    sleeps.into_iter().for_each(thread::sleep);
    start.elapsed()
}
