// Bound the queue.
//
// Four workers download, two process what was downloaded, and downloads are much faster. So far,
// all pictures that haven't been processed yet wait in memory. With a million links, the machine
// would run out of it.
//
// At most QUEUE pictures may wait between the two stages. Then at most 4 + QUEUE + 2 exist at any
// moment: one with each worker, and those that wait. Links, too, are taken only when they are
// wanted, and not all at the start. All six workers work at the same time, those that have to wait
// sleep, and when `pipeline` returns, every picture has been processed once.

use std::sync::Mutex;
use std::thread;

use crossbeam::channel;

pub const QUEUE: usize = 2;

pub fn pipeline<L: Send, P: Send>(
    links: impl Iterator<Item = L> + Send,
    download: impl Fn(L) -> P + Sync,
    process: impl Fn(P) + Sync,
) {
    todo!("bound what waits between the stages to {QUEUE} pictures");

    #[allow(unreachable_code)]
    let links: Mutex<Vec<L>> = Mutex::new(links.collect());
    let (sender, pictures) = channel::unbounded();
    thread::scope(|s| {
        for _ in 0..4 {
            let sender = sender.clone();
            let (links, download) = (&links, &download);
            s.spawn(move || {
                loop {
                    let Some(link) = links.lock().unwrap().pop() else { break };
                    sender.send(download(link)).unwrap();
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
