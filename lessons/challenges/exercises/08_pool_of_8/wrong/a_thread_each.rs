//@ refused: a ninth came while eight were open
// A thread for each link: fast, and unkind to the server.

use std::thread;

use pictures::download::{Client, Entry, Folder, download_link};

pub fn download_all(client: &Client, dir: &Folder, links: &[String]) -> Vec<Entry> {
    thread::scope(|s| {
        let threads: Vec<_> =
            links.iter().map(|link| s.spawn(move || download_link(client, dir, link))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no download panics")).collect()
    })
}
