//@ refused: a loop that looks again and again
// Room is asked for, again and again.

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
    thread::scope(|s| {
        for _ in 0..4 {
            let sender = sender.clone();
            let (links, download) = (&links, &download);
            s.spawn(move || {
                loop {
                    let Some(link) = links.lock().unwrap().next() else { break };
                    let mut picture = download(link);
                    while let Err(full) = sender.try_send(picture) {
                        picture = full.into_inner();
                        thread::yield_now();
                    }
                }
            });
        }
        drop(sender);
        for _ in 0..2 {
            let pictures = pictures.clone();
            let process = &process;
            s.spawn(move || pictures.iter().for_each(process));
        }
    });
}
