//! The pictures that steps 08 to 11 work on, beside a timeline: the gallery's originals, small, and
//! the thumbnails that a run made of them.
//!
//! All runs make the same thumbnails, so the book keeps them once.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use base64::prelude::{BASE64_STANDARD, Engine};
use harness::Step;

use crate::files;
use crate::html::escape;

/// What a thumbnail's name begins with.
const PROCESSED: &str = "processed_";
/// A page gets at most as many of the reader's own pictures, none of them larger than this.
const MOST: usize = 48;
const LARGEST: u64 = 64 << 10;

fn folder(root: &Path) -> PathBuf {
    root.join("book/src/pictures")
}

/// The thumbnails in this folder and below it, by the names of their pictures.
fn thumbnails(folder: &Path) -> Vec<(String, PathBuf)> {
    let found = files::with_extensions(folder, &["png"]).unwrap_or_default();
    let mut named: Vec<(String, PathBuf)> = found
        .into_iter()
        .filter_map(|file| {
            let name = file.file_stem()?.to_str()?.strip_prefix(PROCESSED)?.to_owned();
            Some((name, file))
        })
        .collect();
    named.sort();
    named.dedup_by(|(name, _), (before, _)| name == before); // the same, made in another way
    named
}

/// Keeps the thumbnails that a run left in its folder, if there are any, and the two strips that
/// chapters include.
pub(super) fn keep(root: &Path, run: &Path) -> anyhow::Result<()> {
    let made = thumbnails(&run.join("processed-images"));
    if made.is_empty() {
        return Ok(());
    }
    let folder = folder(root);
    std::fs::create_dir_all(&folder)?;
    for (name, file) in &made {
        std::fs::copy(file, folder.join(format!("{PROCESSED}{name}.png")))?;
    }
    let painted = Step::new("gallery").bare().arg("--previews").arg(&folder).run();
    ensure!(painted.status.success(), "no previews of the pictures:\n{}", painted.stderr);
    let names: Vec<String> = made.iter().map(|(name, _)| escape(name)).collect();
    files::write(&folder.join("originals.inc"), strip(&names, false))?;
    files::write(&folder.join("thumbnails.inc"), strip(&names, true))
}

/// Buttons in a row, one for each picture, which the page's script links with the bars. No blank
/// line, which would end the HTML in a chapter.
fn strip(names: &[String], with_thumbnails: bool) -> String {
    let image = |file: &str, alt: &str| {
        format!("<img src=\"pictures/{file}\" alt=\"{alt}\" loading=\"lazy\">")
    };
    let picture = |name: &String| {
        let original = image(&format!("{name}.jpg"), "the original");
        let thumbnail = image(&format!("{PROCESSED}{name}.png"), "its thumbnail");
        let thumbnail = if with_thumbnails { thumbnail } else { String::new() };
        let shown = name.replace('-', " ");
        format!(
            "<button type=\"button\" data-picture=\"{name}\">{original}{thumbnail}\
             <span>{shown}</span></button>\n"
        )
    };
    let pictures: String = names.iter().map(picture).collect();
    format!("<div class=\"mh-pictures\">\n{pictures}</div>\n")
}

/// A thumbnail of the reader's own run.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Picture {
    name: String,
    /// As the address of an image, with all of it inside.
    thumbnail: String,
}

/// The thumbnails that a run made in this folder.
pub(crate) fn made_in(folder: &Path) -> Vec<Picture> {
    let picture = |(name, file): (String, PathBuf)| {
        let is_small = file.metadata().is_ok_and(|found| found.len() <= LARGEST);
        let bytes = if is_small { std::fs::read(file).ok()? } else { return None };
        let thumbnail = format!("data:image/png;base64,{}", BASE64_STANDARD.encode(bytes));
        Some(Picture { name, thumbnail })
    };
    thumbnails(folder).into_iter().filter_map(picture).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbnails_of_a_run_are_found_wherever_it_put_them_and_each_once() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("rayon"), folder.path().join("threads"));
        for file in [
            one.join("processed_half-moon.png"),
            other.join("processed_half-moon.png"),
            other.join("processed_blue-hour.png"),
            other.join("blue-hour.png"),
        ] {
            files::write(&file, "png").unwrap();
        }
        files::write(&one.join("processed_large.png"), "x".repeat(LARGEST as usize + 1)).unwrap();
        let made = made_in(folder.path());
        let names: Vec<&str> = made.iter().map(|picture| picture.name.as_str()).collect();
        assert_eq!(names, ["blue-hour", "half-moon"], "and none that is too large for a page");
        assert_eq!(made[0].thumbnail, "data:image/png;base64,cG5n");
        assert!(made_in(&folder.path().join("nowhere")).is_empty());
    }

    #[test]
    fn a_strip_has_no_blank_line() {
        let strip = strip(&["half-moon".to_owned()], true);
        assert!(strip.lines().all(|line| !line.is_empty()), "{strip}");
        assert_eq!(strip.matches("<img").count(), 2);
    }
}
