//@ refused: is the place given back
// If there is no such page, we go on with the next one, and the permit is gone.

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
                    let Some(text) = ask(*page) else { continue };
                    give_back.send(()).unwrap();
                    save(*page, text);
                }
            });
        }
    });
}
