//@ refused: a loop that looks again and again
// A worker that finds the room full tries again, and again.

use std::sync::Mutex;
use std::thread;

use crossbeam::channel::{TrySendError, bounded};

#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub io_workers: usize,
    pub queue: usize,
    pub workers: usize,
}

pub fn run<L: Send, P: Send>(
    sizes: Sizes,
    links: impl Iterator<Item = L> + Send,
    download: impl Fn(L) -> P + Sync,
    process: impl Fn(P) -> u64 + Sync,
) -> u64 {
    let links = Mutex::new(links);
    let next = || links.lock().expect("no link panics").next();
    let (sender, pictures) = bounded(sizes.queue);
    thread::scope(|s| {
        for _ in 0..sizes.io_workers {
            let (sender, next, download) = (sender.clone(), &next, &download);
            s.spawn(move || {
                while let Some(link) = next() {
                    let mut picture = download(link);
                    while let Err(TrySendError::Full(same)) = sender.try_send(picture) {
                        picture = same;
                    }
                }
            });
        }
        drop(sender);
        let work = || pictures.iter().map(&process).sum::<u64>();
        let workers: Vec<_> = (0..sizes.workers).map(|_| s.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("no worker panics")).sum()
    })
}
