//@ refused: the results in the order of the tasks
// Results come through a channel, whichever is first.

use std::sync::mpsc;
use std::thread;

pub type Task = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(tasks: Vec<Task>) -> Vec<u32> {
    let (sender, results) = mpsc::channel();
    for task in tasks {
        let sender = sender.clone();
        thread::spawn(move || sender.send(task()));
    }
    drop(sender);
    results.into_iter().collect()
}
