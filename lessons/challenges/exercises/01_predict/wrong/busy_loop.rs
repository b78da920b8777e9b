//@ refused: is one sleep meant to be two
// It takes as long as three sleeps, and keeps a core busy all the time.

use std::time::{Duration, Instant};

pub fn predict(sleeps: [Duration; 3]) -> Duration {
    sleeps.iter().sum()
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    let start = Instant::now();
    while start.elapsed() < predict(sleeps) {
        std::hint::spin_loop();
    }
    start.elapsed()
}
