//! The painted pictures, and the folder that keeps them.
//!
//! Painting takes seconds, so it is done once. A folder is either whole or not there: it is filled
//! under another name and renamed at the end. If two programs paint at the same time, one of them is
//! first, and the other uses what it finds.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Error;
use super::imgur::Listed;
use super::paint::{self, Format, Scene};

/// How many pictures there are before their kinds repeat.
pub const DOZEN: usize = PLAN.len();

/// Counted up when a change of `paint` changes any picture, so that old folders are not used.
const VERSION: u32 = 1;
/// The list of the files, in each folder.
const LIST: &str = "list.json";
/// Pictures beyond the dozen are this many times narrower and lower.
const SHRINK: u32 = 4;

/// One picture to paint.
struct Plan {
    name: &'static str,
    scene: Scene,
    format: Format,
    width: u32,
    height: u32,
}

const fn plan(name: &'static str, scene: Scene, format: Format, size: (u32, u32)) -> Plan {
    Plan { name, scene, format, width: size.0, height: size.1 }
}

/// Large and small in no order, as a folder of photographs is.
const PLAN: [Plan; 12] = [
    plan("dunes-at-dawn", Scene::Dunes, Format::Jpeg, (3264, 2448)),
    plan("half-moon", Scene::Moon, Format::PngGray, (1200, 1200)),
    plan("aurora-over-the-lake", Scene::Aurora, Format::WebP, (1600, 1066)),
    plan("night-above-the-desert", Scene::NightSky, Format::Jpeg, (4608, 3072)),
    plan("cradle-of-stars", Scene::Nebula, Format::Png, (2400, 1600)),
    plan("far-galaxy", Scene::Nebula, Format::Jpeg, (400, 300)),
    plan("mist-in-the-valley", Scene::Mountains, Format::JpegGray, (2592, 1944)),
    plan("ringed-planet", Scene::Planet, Format::PngAlpha, (1280, 1280)),
    plan("first-light", Scene::Mountains, Format::Tiff, (1600, 1200)),
    plan("deep-field", Scene::Nebula, Format::Tiff16, (1500, 1000)),
    plan("poster-of-the-hills", Scene::Mountains, Format::PngPalette, (1024, 768)),
    plan("blue-hour", Scene::Aurora, Format::Png16, (800, 600)),
];

/// Which pictures, and where they are kept.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) count: usize,
    pub(super) seed: u64,
    pub(super) folder: PathBuf,
}

/// A line in a folder's list.
#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    bytes: u64,
}

/// A picture of the collection: what to paint, and the name of its file.
struct Item {
    plan: &'static Plan,
    seed: u64,
    width: u32,
    height: u32,
    name: String,
}

impl Collection {
    pub(super) fn none() -> Self {
        Self { count: 0, seed: 1, folder: Path::new("target").join("gallery") }
    }

    /// The files of all pictures, with what the API says of them. Paints them if need be.
    pub(super) fn open(&self) -> Result<Vec<(PathBuf, Listed)>, Error> {
        if self.count == 0 {
            return Ok(Vec::new());
        }
        let items: Vec<Item> = (0..self.count).map(|index| self.item(index)).collect();
        let home = self.folder.join(format!("{VERSION}-{}-{}", self.seed, self.count));
        let sizes = match kept(&home, &items) {
            Some(sizes) => sizes,
            None => paint_all(&items, &self.folder, &home)
                .map_err(|source| Error::Keep { folder: home.clone(), source })?,
        };
        let listed = items.iter().zip(sizes).map(|(item, size)| {
            let listed = Listed {
                path: format!("/pictures/{}", item.name),
                content_type: item.plan.format.content_type(),
                size,
                dimensions: Some((item.width, item.height)),
            };
            (home.join(&item.name), listed)
        });
        Ok(listed.collect())
    }

    fn item(&self, index: usize) -> Item {
        let plan = &PLAN[index % PLAN.len()];
        let extension = plan.format.extension();
        let (shrink, name) = match index / PLAN.len() {
            0 => (1, format!("{}.{extension}", plan.name)),
            round => (SHRINK, format!("{}-{}.{extension}", plan.name, round + 1)),
        };
        Item {
            plan,
            seed: self.seed.wrapping_mul(1_000_003).wrapping_add(index as u64),
            width: plan.width / shrink,
            height: plan.height / shrink,
            name,
        }
    }
}

/// The sizes of the files in this folder, if it has all these pictures and nobody cut one short.
fn kept(home: &Path, items: &[Item]) -> Option<Vec<u64>> {
    let list: Vec<Entry> = serde_json::from_slice(&fs::read(home.join(LIST)).ok()?).ok()?;
    let whole = list.len() == items.len()
        && list.iter().zip(items).all(|(entry, item)| {
            let file = fs::metadata(home.join(&item.name));
            entry.name == item.name && file.is_ok_and(|file| file.len() == entry.bytes)
        });
    whole.then(|| list.iter().map(|entry| entry.bytes).collect())
}

/// Paints all pictures in a new folder and gives it its name. Returns the sizes of the files.
fn paint_all(items: &[Item], folder: &Path, home: &Path) -> io::Result<Vec<u64>> {
    const UNFINISHED: &str = ".painting-";
    fs::create_dir_all(folder)?;
    sweep(folder, UNFINISHED);
    let unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(folder)?;

    let progress = progress(items.iter().map(|item| u64::from(item.height)).sum());
    let list: Vec<Entry> = items
        .par_iter()
        .with_max_len(1) // each is work enough to be taken by itself
        .map(|item| {
            let Item { plan, seed, width, height, name } = item;
            let row_done = || progress.inc(1);
            let file = paint::paint(plan.scene, *seed, *width, *height, plan.format, &row_done);
            fs::write(unfinished.path().join(name), &file)?;
            Ok(Entry { name: name.clone(), bytes: file.len() as u64 })
        })
        .collect::<io::Result<_>>()?;
    fs::write(unfinished.path().join(LIST), serde_json::to_vec_pretty(&list)?)?;
    progress.finish_and_clear();

    // A folder of this name that is not whole is in the way; one that is whole was quicker.
    if kept(home, items).is_none() {
        match fs::remove_dir_all(home) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        match fs::rename(unfinished.path(), home) {
            Err(e) if kept(home, items).is_none() => return Err(e),
            _ => {}
        }
    }
    Ok(list.into_iter().map(|entry| entry.bytes).collect())
}

/// Removes what killed programs left: unfinished folders that nobody touched for an hour.
fn sweep(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let age = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .map(|modified| SystemTime::now().duration_since(modified).unwrap_or_default());
        if entry.file_name().to_string_lossy().starts_with(prefix)
            && age.is_ok_and(|age| age > Duration::from_secs(3600))
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn progress(rows: u64) -> ProgressBar {
    let target = match io::stdout().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3} %")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(Some(rows), target).with_style(style);
    bar.with_message("Painting the gallery (once)…")
}
