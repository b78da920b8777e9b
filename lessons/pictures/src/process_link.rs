//! What a worker of step 09 does with a link.

use hands::timeline::span;

use crate::download::{Client, Entry, Failure, Folder, Progress, name};

/// Downloads `link`, makes a thumbnail of the picture and saves that in `dir`, unless an earlier run
/// did.
// ANCHOR: work
pub fn process_link(client: &Client, dir: &Folder, progress: &Progress, link: &str) -> Entry {
    dir.unless_kept::<Failure>(link, || {
        let name = name::of_link(link, "");
        let downloading = span(format!("download {name}"));
        progress.line(format!("Downloading {link}"));
        let original = client.fetch(link)?;
        dir.save_original(&original, link)?; // with --keep-originals
        drop(downloading);

        let _processing = span(format!("process {name}"));
        progress.line(format!("Processing {link}"));
        let thumbnail = picture::process(&original.bytes).map_err(|e| original.failed(e))?;
        Ok(original.made_into(name::processed(&original.name), thumbnail))
    })
}
// ANCHOR_END: work
