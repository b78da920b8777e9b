//! What a worker of step 09 does with a link.

use hands::timeline::span;

use crate::download::{Client, Entry, Folder, Progress, name};

/// Downloads `link`, makes a thumbnail of the picture and saves that in `dir`, unless an earlier
/// run did.
// ANCHOR: work
pub fn process_link(client: &Client, dir: &Folder, progress: &Progress, link: &str) -> Entry {
    dir.save_unless_kept(link, || {
        let name = name::from_link(link);
        let downloading = span(format!("download {name}"));
        progress.line(format!("Downloading {link}"));
        let original = client.fetch(link)?;
        dir.save_original(&original, link)?; // with --keep-originals
        drop(downloading);

        let _processing = span(format!("process {name}"));
        progress.line(format!("Processing {link}"));
        original.processed_with(picture::process)
    })
}
// ANCHOR_END: work
