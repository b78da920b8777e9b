//@ refused: ten tasks running at the same time
// The classic: each task is waited for before the next one starts.

use std::thread;

pub type Task = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(tasks: Vec<Task>) -> Vec<u32> {
    let mut results = Vec::new();
    for task in tasks {
        let handle = thread::spawn(task);
        results.push(handle.join().expect("no task panics"));
    }
    results
}
