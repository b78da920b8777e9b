//@ refused: 0 are there
// The pictures come, and go again.

use std::{fs, thread};

use hands::pool::ThreadPool;
use pictures::download::{Client, Entry, Folder, download_link};

pub fn download_all(client: &Client, dir: &Folder, links: &[String]) -> Vec<Entry> {
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, 8).expect("eight threads start");
        let download = |link: &String| {
            let entry = download_link(client, dir, link);
            entry.file.iter().for_each(|file| fs::remove_file(file).unwrap_or(()));
            entry
        };
        pool.chunk_size(1).map(download, links).expect("no download panics")
    })
}
