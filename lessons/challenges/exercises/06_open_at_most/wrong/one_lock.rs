//@ refused: at most 1 at a time
// A lock around `ask` keeps all out but one.

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
    let connection = Mutex::new(());
    thread::scope(|s| {
        for _ in 0..workers {
            s.spawn(|| {
                while let Some(page) = next() {
                    let open = connection.lock().unwrap();
                    let text = ask(*page);
                    drop(open);
                    if let Some(text) = text {
                        save(*page, text);
                    }
                }
            });
        }
    });
}
