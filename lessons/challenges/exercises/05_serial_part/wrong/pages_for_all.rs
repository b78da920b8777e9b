//@ refused: a result for each of 24 pages
// No lock for the pages any more: each thread has a copy of all.

use std::sync::Mutex;
use std::thread;

pub fn index_all(pages: Vec<String>, index: impl Fn(&str) -> u64 + Sync) -> Vec<u64> {
    let results = Mutex::new(Vec::new());
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                for page in &pages {
                    let result = index(page);
                    results.lock().unwrap().push(result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}
