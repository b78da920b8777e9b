//@ refused: other threads did some of it
// A thread for each word, and none of them is rayon's.

use std::thread;

pub fn count_all(words: &[String], count: impl Fn(&str) -> usize + Sync) -> Vec<usize> {
    let count = &count;
    thread::scope(|s| {
        let start = |word| s.spawn(move || count(word));
        let threads: Vec<_> = words.iter().map(|word| start(word)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}
