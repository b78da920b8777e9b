//@ refused: has returned while
// Nobody is waited for: what is there by chance is returned.

use std::sync::{Arc, Mutex};
use std::thread;

pub type Job = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(jobs: Vec<Job>) -> Vec<u32> {
    let results = Arc::new(Mutex::new(vec![0; jobs.len()]));
    for (n, job) in jobs.into_iter().enumerate() {
        let results = Arc::clone(&results);
        thread::spawn(move || {
            let result = job();
            results.lock().expect("no job panics")[n] = result;
        });
    }
    results.lock().expect("no job panics").clone()
}
