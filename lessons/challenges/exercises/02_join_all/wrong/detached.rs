//@ refused: it returned while
// Nobody is waited for: what is there by chance is returned.

use std::sync::{Arc, Mutex};
use std::thread;

pub type Task = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(tasks: Vec<Task>) -> Vec<u32> {
    let results = Arc::new(Mutex::new(vec![0; tasks.len()]));
    for (n, task) in tasks.into_iter().enumerate() {
        let results = Arc::clone(&results);
        thread::spawn(move || {
            let result = task();
            results.lock().expect("no task panics")[n] = result;
        });
    }
    results.lock().expect("no task panics").clone()
}
