//@ refused: processed at the same time
// One pool does both, as in step 09: memory is bounded, and there are as many who process as who
// wait.

use std::sync::Mutex;
use std::thread;

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
    let work = || {
        let mut sum = 0;
        while let Some(link) = next() {
            sum += process(download(link));
        }
        sum
    };
    thread::scope(|s| {
        let workers: Vec<_> =
            (0..sizes.io_workers + sizes.workers).map(|_| s.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("no worker panics")).sum()
    })
}
