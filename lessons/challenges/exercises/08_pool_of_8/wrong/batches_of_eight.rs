//@ refused: nobody asked for the next
// Eight, and when all of them have ended the next eight: the slowest of each batch holds up seven.

use std::thread;

use pictures::download::{Client, Entry, Folder, download_link};

pub fn download_all(client: &Client, dir: &Folder, links: &[String]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for batch in links.chunks(8) {
        thread::scope(|s| {
            let threads: Vec<_> = batch
                .iter()
                .map(|link| s.spawn(move || download_link(client, dir, link)))
                .collect();
            entries.extend(threads.into_iter().map(|thread| thread.join().expect("no panic")));
        });
    }
    entries
}
