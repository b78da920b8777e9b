//@ refused: it was over after only
// Three threads sleep at the same time: that is the next chapter.

use std::thread;
use std::time::{Duration, Instant};

pub fn predict(sleeps: [Duration; 3]) -> Duration {
    sleeps.iter().sum()
}

pub fn measure(sleeps: [Duration; 3]) -> Duration {
    let start = Instant::now();
    let threads = sleeps.map(|sleep| thread::spawn(move || thread::sleep(sleep)));
    threads.into_iter().for_each(|thread| thread.join().expect("a sleep does not panic"));
    start.elapsed()
}
