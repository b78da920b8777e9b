// Two loops: the first starts all of them, the second waits for each. `collect` between them is
// what makes them two: an iterator is lazy, and without it each thread would be joined before the
// next one starts.

use std::thread;

pub type Task = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(tasks: Vec<Task>) -> Vec<u32> {
    let handles: Vec<_> = tasks.into_iter().map(thread::spawn).collect();
    handles.into_iter().map(|handle| handle.join().expect("no task panics")).collect()
}
