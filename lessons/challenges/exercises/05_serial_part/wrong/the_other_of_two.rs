//@ refused: only one at a time
// The lock of the pages was found. That of the results is still taken before the work.

use std::sync::Mutex;
use std::thread;

pub fn index_all(pages: Vec<String>, index: impl Fn(&str) -> u64 + Sync) -> Vec<u64> {
    let pages = Mutex::new(pages);
    let results = Mutex::new(Vec::new());
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                loop {
                    let page = pages.lock().unwrap().pop();
                    let Some(page) = page else { break };
                    let mut results = results.lock().unwrap();
                    results.push(index(&page));
                }
            });
        }
    });
    results.into_inner().unwrap()
}
