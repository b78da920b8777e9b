//@ refused: were they divided up beforehand?
// A quarter of the pages for each thread: no lock at all, and nobody helps the slowest.

use std::thread;

pub fn index_all(pages: Vec<String>, index: impl Fn(&str) -> u64 + Sync) -> Vec<u64> {
    let index = &index;
    thread::scope(|s| {
        let start = |quarter| s.spawn(move || quarter_of(quarter, index));
        let threads: Vec<_> = pages.chunks(pages.len().div_ceil(4)).map(start).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn quarter_of(pages: &[String], index: impl Fn(&str) -> u64) -> Vec<u64> {
    pages.iter().map(|page| index(page)).collect()
}
