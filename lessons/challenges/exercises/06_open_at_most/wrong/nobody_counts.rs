//@ refused: and was thrown out
// Twelve workers are twelve connections.

use std::sync::Mutex;
use std::thread;

pub fn fetch_all(
    workers: usize,
    at_most: usize,
    pages: &[u32],
    ask: impl Fn(u32) -> Option<String> + Sync,
    save: impl Fn(u32, String) + Sync,
) {
    let _ = at_most;
    let pages = Mutex::new(pages.iter());
    let next = || pages.lock().unwrap().next();
    thread::scope(|s| {
        for _ in 0..workers {
            s.spawn(|| {
                while let Some(page) = next() {
                    if let Some(text) = ask(*page) {
                        save(*page, text);
                    }
                }
            });
        }
    });
}
