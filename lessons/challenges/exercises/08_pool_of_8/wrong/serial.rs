//@ refused: 1 at a time
// One by one, as it was.

use pictures::download::{Client, Entry, Folder, download_link};

pub fn download_all(client: &Client, dir: &Folder, links: &[String]) -> Vec<Entry> {
    links.iter().map(|link| download_link(client, dir, link)).collect()
}
