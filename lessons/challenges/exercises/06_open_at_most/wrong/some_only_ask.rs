//@ refused: is there a worker that only saves?
// Some workers only ask, and the rest only save. With few workers, few ask, and nobody may be left.

use std::sync::Mutex;
use std::thread;

use crossbeam::channel::unbounded;

pub fn fetch_all(
    workers: usize,
    at_most: usize,
    pages: &[u32],
    ask: impl Fn(u32) -> Option<String> + Sync,
    save: impl Fn(u32, String) + Sync,
) {
    let askers = at_most.min(workers - 1);
    let pages = Mutex::new(pages.iter());
    let next = || pages.lock().unwrap().next();
    let (sender, texts) = unbounded();
    thread::scope(|s| {
        for _ in 0..askers {
            let (sender, next, ask) = (sender.clone(), &next, &ask);
            s.spawn(move || {
                while let Some(page) = next() {
                    if let Some(text) = ask(*page) {
                        sender.send((*page, text)).unwrap();
                    }
                }
            });
        }
        drop(sender);
        for _ in askers..workers {
            let (texts, save) = (&texts, &save);
            s.spawn(move || texts.iter().for_each(|(page, text)| save(page, text)));
        }
    });
}
