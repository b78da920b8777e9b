// One after the other, times add up. A sleep takes at least as long as one asks.

use std::thread;
use std::time::{Duration, Instant};

pub fn predict(sleeps: [Duration; 3]) -> Duration {
    sleeps.iter().sum()
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    let start = Instant::now();
    sleeps.into_iter().for_each(thread::sleep);
    start.elapsed()
}
