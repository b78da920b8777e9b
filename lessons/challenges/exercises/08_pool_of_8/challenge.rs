// Eight downloads at a time.
//
// One by one, this function is a single line:
//
//     links.iter().map(|link| download_link(client, dir, link)).collect()
//
// Each answer takes a while, so let a pool of eight do it:
//
// - eight requests are open at any moment, as long as there are links left, and never nine;
// - as soon as one has ended, the next begins: no link waits behind another, in a chunk;
// - each link is asked for once, and its entry is in the result, in the order of the links.
//
// The server counts the open requests. It doesn't care how fast you are.

use pictures::download::{Client, Entry, Folder, download_link};

pub fn download_all(client: &Client, dir: &Folder, links: &[String]) -> Vec<Entry> {
    todo!("download all {} links, eight at a time", links.len())
}
