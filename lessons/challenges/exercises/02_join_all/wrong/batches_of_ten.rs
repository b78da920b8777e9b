//@ refused: 23, too: as many as there are
// Ten at a time, because there were ten.

use std::thread;

pub type Task = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(tasks: Vec<Task>) -> Vec<u32> {
    let mut tasks = tasks.into_iter();
    let mut results = Vec::new();
    loop {
        let handles: Vec<_> = tasks.by_ref().take(10).map(thread::spawn).collect();
        if handles.is_empty() {
            return results;
        }
        results.extend(handles.into_iter().map(|handle| handle.join().expect("no task panics")));
    }
}
