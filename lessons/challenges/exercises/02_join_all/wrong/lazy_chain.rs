//@ refused: ten tasks running at the same time
// Looks like two loops, and is one: iterators are lazy.

use std::thread;

pub type Task = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(tasks: Vec<Task>) -> Vec<u32> {
    tasks
        .into_iter()
        .map(thread::spawn)
        .map(|handle| handle.join().expect("no task panics"))
        .collect()
}
