//@ refused: is one sleep meant to be two
// The sum is right, but it sleeps only once.

use std::thread;
use std::time::{Duration, Instant};

pub fn predict(sleeps: [Duration; 3]) -> Duration {
    sleeps.iter().sum()
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    let start = Instant::now();
    thread::sleep(sleeps.iter().sum());
    start.elapsed()
}
