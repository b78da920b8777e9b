// A channel with as many permits as there may be connections. To open one, a worker takes a permit
// out, and waits if there is none; once it has closed one, it puts the permit back, before anything
// else. (This is a *semaphore*. It counts, which a lock doesn't.)

use std::sync::{Mutex, PoisonError};
use std::thread;

use crossbeam::channel::bounded;

pub fn fetch_all(
    workers: usize,
    at_most: usize,
    pages: &[u32],
    ask: impl Fn(u32) -> Option<String> + Sync,
    save: impl Fn(u32, String) + Sync,
) {
    let (give_back, permits) = bounded(at_most);
    for _ in 0..at_most {
        give_back.send(()).expect("there is room for all permits");
    }
    let pages = Mutex::new(pages.iter());
    let next = || pages.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|s| {
        for _ in 0..workers {
            s.spawn(|| {
                while let Some(page) = next() {
                    permits.recv().expect("we have a sender ourselves");
                    let text = ask(*page);
                    give_back.send(()).expect("we have a receiver ourselves");
                    if let Some(text) = text {
                        save(*page, text);
                    }
                }
            });
        }
    });
}
