//@ refused: a loop that looks again and again
// It joins nobody: it looks whether all results are there, and looks again.

use std::sync::{Arc, Mutex};
use std::thread;

pub type Task = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(tasks: Vec<Task>) -> Vec<u32> {
    let results = Arc::new(Mutex::new(vec![None; tasks.len()]));
    for (n, task) in tasks.into_iter().enumerate() {
        let results = Arc::clone(&results);
        thread::spawn(move || {
            let result = task();
            results.lock().expect("no task panics")[n] = Some(result);
        });
    }
    loop {
        let all: Option<Vec<u32>> =
            results.lock().expect("no task panics").iter().copied().collect();
        if let Some(all) = all {
            return all;
        }
        thread::yield_now();
    }
}
