//@ refused: while another worker saves
// The permit goes back when the page is done, and not when its connection is closed.

use std::sync::Mutex;
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
    (0..at_most).for_each(|_| give_back.send(()).unwrap());
    let pages = Mutex::new(pages.iter());
    let next = || pages.lock().unwrap().next();
    thread::scope(|s| {
        for _ in 0..workers {
            s.spawn(|| {
                while let Some(page) = next() {
                    permits.recv().unwrap();
                    if let Some(text) = ask(*page) {
                        save(*page, text);
                    }
                    give_back.send(()).unwrap();
                }
            });
        }
    });
}
