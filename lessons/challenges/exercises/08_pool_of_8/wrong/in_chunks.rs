//@ refused: behind a slow one
// `map` lets a few links travel together, as long as there are many.

use std::thread;

use hands::pool::ThreadPool;
use pictures::download::{Client, Entry, Folder, download_link};

pub fn download_all(client: &Client, dir: &Folder, links: &[String]) -> Vec<Entry> {
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, 8).expect("eight threads start");
        let download = |link: &String| download_link(client, dir, link);
        pool.map(download, links).expect("no download panics")
    })
}
