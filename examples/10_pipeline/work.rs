//! What the stages do with a picture.

use hands::timeline::span;
use pictures::download::{Client, Entry, Fetched, Folder, Stages, Visit, name};
use pictures::picture;

use crate::stage::Passed;

// ANCHOR: work
pub(crate) type Picture = (Visit, Fetched);

pub(crate) fn download(
    client: &Client,
    dir: &Folder,
    stages: &Stages,
    visit: Visit,
) -> Passed<Picture> {
    if let Some(kept) = dir.kept(&visit.link) {
        return Err(visit.skipped(kept));
    }
    let _span = span(format!("download {}", name::from_link(&visit.link)));
    stages.line(format!("Downloading {}", visit.link));
    let original = client.fetch(&visit.link).map_err(|error| visit.failed(error))?;
    dir.save_original(&original, &visit.link).map_err(|error| visit.failed(error))?;
    Ok((visit, original))
}

pub(crate) fn process(stages: &Stages, (visit, original): Picture) -> Passed<Picture> {
    let _span = span(format!("process {}", name::from_link(&visit.link)));
    stages.line(format!("Processing {}", visit.link));
    let thumbnail =
        original.processed_with(picture::process).map_err(|error| visit.failed(error))?;
    Ok((visit, thumbnail))
}

pub(crate) fn save(dir: &Folder, (visit, made): Picture) -> Passed<Entry> {
    let _span = span(format!("save {}", made.name));
    let saved = dir.save(&made, &visit.link).map_err(|error| visit.failed(error))?;
    Ok(visit.saved(saved, made.attempts))
}
// ANCHOR_END: work
