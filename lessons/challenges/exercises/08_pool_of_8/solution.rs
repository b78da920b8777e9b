// In chunks of one, because `map` alone would let a few links travel together, and those behind a
// slow one would wait for it.
//
// The closure borrows the client and the folder, so the pool is tied to a scope, which ends before
// they do.

use std::thread;

use hands::pool::ThreadPool;
use pictures::download::{Client, Entry, Folder, download_link};

pub fn download_all(client: &Client, dir: &Folder, links: &[String]) -> Vec<Entry> {
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, 8).expect("eight threads start");
        let download = |link: &String| download_link(client, dir, link);
        pool.chunk_size(1).map(download, links).expect("no download panics")
    })
}
