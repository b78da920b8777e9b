//@ refused: only one at a time
// The lock of the results was found. The other one is still held: the guard lives as long as the
// `while let`.

use std::sync::Mutex;
use std::thread;

pub fn index_all(pages: Vec<String>, index: impl Fn(&str) -> u64 + Sync) -> Vec<u64> {
    let pages = Mutex::new(pages);
    let results = Mutex::new(Vec::new());
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                while let Some(page) = pages.lock().unwrap().pop() {
                    let result = index(&page);
                    results.lock().unwrap().push(result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}
