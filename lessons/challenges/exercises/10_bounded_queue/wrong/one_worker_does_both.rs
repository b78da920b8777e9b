//@ refused: and then no more came
// Each worker downloads and processes in turn: no queue, and no stages.

use std::sync::Mutex;
use std::thread;

pub fn pipeline<L: Send, P: Send>(
    links: impl Iterator<Item = L> + Send,
    download: impl Fn(L) -> P + Sync,
    process: impl Fn(P) + Sync,
) {
    let links = Mutex::new(links);
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                loop {
                    let Some(link) = links.lock().unwrap().next() else { break };
                    process(download(link));
                }
            });
        }
    });
}
