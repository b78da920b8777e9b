//@ refused: 1 at a time: is a lock held meanwhile?
// The receiver is in a lock, which stays locked while a picture is processed.

use std::sync::Mutex;
use std::thread;

use crossbeam::channel;

pub const QUEUE: usize = 2;

pub fn pipeline<L: Send, P: Send>(
    links: impl Iterator<Item = L> + Send,
    download: impl Fn(L) -> P + Sync,
    process: impl Fn(P) + Sync,
) {
    let links = Mutex::new(links);
    let (sender, pictures) = channel::bounded(QUEUE);
    let pictures = Mutex::new(pictures);
    thread::scope(|s| {
        for _ in 0..4 {
            let sender = sender.clone();
            let (links, download) = (&links, &download);
            s.spawn(move || {
                loop {
                    let Some(link) = links.lock().unwrap().next() else { break };
                    sender.send(download(link)).unwrap();
                }
            });
        }
        drop(sender);
        for _ in 0..2 {
            s.spawn(|| {
                while let Ok(picture) = pictures.lock().unwrap().recv() {
                    process(picture);
                }
            });
        }
    });
}
