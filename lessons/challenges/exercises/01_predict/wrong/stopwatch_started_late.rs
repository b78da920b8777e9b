//@ refused: the time from before
// The stopwatch is started between the sleeps.

use std::thread;
use std::time::{Duration, Instant};

pub fn predict(sleeps: [Duration; 3]) -> Duration {
    sleeps.iter().sum()
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    thread::sleep(sleeps[0]);
    let start = Instant::now();
    thread::sleep(sleeps[1]);
    thread::sleep(sleeps[2]);
    start.elapsed()
}
