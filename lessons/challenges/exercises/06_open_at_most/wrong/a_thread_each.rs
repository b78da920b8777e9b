//@ refused: is there a thread for each page
// The connections are counted, the threads are not.

use std::thread;

use crossbeam::channel::bounded;

pub fn fetch_all(
    workers: usize,
    at_most: usize,
    pages: &[u32],
    ask: impl Fn(u32) -> Option<String> + Sync,
    save: impl Fn(u32, String) + Sync,
) {
    let _ = workers;
    let (give_back, permits) = bounded(at_most);
    (0..at_most).for_each(|_| give_back.send(()).unwrap());
    let (ask, save, give_back, permits) = (&ask, &save, &give_back, &permits);
    thread::scope(|s| {
        for page in pages {
            s.spawn(move || {
                permits.recv().unwrap();
                let text = ask(*page);
                give_back.send(()).unwrap();
                if let Some(text) = text {
                    save(*page, text);
                }
            });
        }
    });
}
