//@ refused: the results in the order of the jobs
// Results come through a channel, whichever is first.

use std::sync::mpsc;
use std::thread;

pub type Job = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(jobs: Vec<Job>) -> Vec<u32> {
    let (sender, results) = mpsc::channel();
    for job in jobs {
        let sender = sender.clone();
        thread::spawn(move || sender.send(job()));
    }
    drop(sender);
    results.into_iter().collect()
}
