//@ refused: a loop that looks again and again
// A worker without a permit looks whether there is one, and looks again.

use std::sync::Mutex;
use std::thread;

pub fn fetch_all(
    workers: usize,
    at_most: usize,
    pages: &[u32],
    ask: impl Fn(u32) -> Option<String> + Sync,
    save: impl Fn(u32, String) + Sync,
) {
    let permits = Mutex::new(at_most);
    let pages = Mutex::new(pages.iter());
    let next = || pages.lock().unwrap().next();
    let take = || {
        let mut permits = permits.lock().unwrap();
        let is_free = *permits > 0;
        *permits -= usize::from(is_free);
        is_free
    };
    thread::scope(|s| {
        for _ in 0..workers {
            s.spawn(|| {
                while let Some(page) = next() {
                    while !take() {
                        thread::yield_now();
                    }
                    let text = ask(*page);
                    *permits.lock().unwrap() += 1;
                    if let Some(text) = text {
                        save(*page, text);
                    }
                }
            });
        }
    });
}
