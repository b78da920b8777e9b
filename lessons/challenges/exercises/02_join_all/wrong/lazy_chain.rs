//@ refused: ten jobs under way at the same time
// Looks like two loops, and is one: iterators are lazy.

use std::thread;

pub type Job = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(jobs: Vec<Job>) -> Vec<u32> {
    jobs.into_iter()
        .map(thread::spawn)
        .map(|handle| handle.join().expect("no job panics"))
        .collect()
}
