//@ refused: ten jobs under way at the same time
// The classic: each job is waited for before the next one starts.

use std::thread;

pub type Job = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(jobs: Vec<Job>) -> Vec<u32> {
    let mut results = Vec::new();
    for job in jobs {
        let handle = thread::spawn(job);
        results.push(handle.join().expect("no job panics"));
    }
    results
}
