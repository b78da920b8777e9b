//! The painted pictures, and the folder that keeps them.
//!
//! Painting takes seconds, so it is done only once. A folder is either complete or not there: it is
//! filled under another name and renamed at the end. If two programs paint at the same time, the
//! first to finish wins, and the other uses its folder.

use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use paint::{Format, Scene};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::listed::Listed;
use crate::own_files;

/// How many pictures there are before their kinds repeat.
pub const DOZEN: usize = PLAN.len();

/// Incremented whenever a change to `paint` changes a picture, so that old folders are not used.
const VERSION: u32 = 3;
/// What all pictures are painted from.
const SEED: u64 = 1;
/// The list of files in each folder.
const LIST: &str = "list.json";
/// Locked while a folder is put in its place.
const LOCK: &str = ".lock";
/// The width and height of pictures beyond the dozen are divided by this.
const SHRINK: u32 = 4;
/// The longer side of a preview, in pixels.
const PREVIEW: u32 = 160;

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

/// Large and small, in no order, like a folder of photographs.
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

/// How many pictures, and where they are kept.
#[derive(Clone, Debug)]
pub(super) struct Collection {
    pub(super) count: usize,
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
        Self { count: 0, folder: Path::new("target").join("gallery") }
    }

    /// The folder of these pictures.
    pub(super) fn home(&self) -> PathBuf {
        self.folder.join(format!("{VERSION}-{SEED}-{}", self.count))
    }

    /// The files of all pictures, and what the API says about them. Paints them if necessary.
    pub(super) fn open(&self) -> io::Result<Vec<(PathBuf, Listed)>> {
        if self.count == 0 {
            return Ok(Vec::new());
        }
        let items: Vec<Item> = (0..self.count).map(|index| self.item(index)).collect();
        let home = self.home();
        if !is_kept(&home, &items) {
            paint_all(&items, &self.folder, &home)?;
        }
        let listed = items.iter().map(|item| {
            let path = format!("/pictures/{}", item.name);
            let listed = Listed { path, content_type: item.plan.format.content_type() };
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
            seed: SEED * 1_000_003 + index as u64,
            width: plan.width / shrink,
            height: plan.height / shrink,
            name,
        }
    }
}

/// Paints the dozen small, as JPEG, into this folder: what a page shows of them.
///
/// # Errors
///
/// If the folder can't be created or a file can't be written.
pub fn write_previews(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    (0..DOZEN).into_par_iter().try_for_each(|index| {
        let Item { plan, seed, width, height, .. } = Collection::none().item(index);
        let is_gray = matches!(plan.format, Format::JpegGray | Format::PngGray);
        let format = if is_gray { Format::JpegGray } else { Format::Jpeg };
        let [width, height] = [width, height].map(|side| side * PREVIEW / width.max(height));
        let file = paint::scene(plan.scene, seed, width, height, format, &|| {});
        fs::write(folder.join(plan.name).with_extension("jpg"), file)
    })
}

/// Whether this folder has all of these pictures at their full sizes.
fn is_kept(home: &Path, items: &[Item]) -> bool {
    let list = fs::read(home.join(LIST)).unwrap_or_default();
    let list: Vec<Entry> = serde_json::from_slice(&list).unwrap_or_default();
    list.len() == items.len()
        && list.iter().zip(items).all(|(entry, item)| {
            let file = fs::metadata(home.join(&item.name));
            entry.name == item.name && file.is_ok_and(|file| file.len() == entry.bytes)
        })
}

/// Paints all pictures into a new folder, and gives it its name.
fn paint_all(items: &[Item], folder: &Path, home: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let _in_use = own_files::take_into_use(folder)?;
    let unfinished = own_files::temporary_folder(folder)?;

    let progress = progress(items.iter().map(|item| u64::from(item.height)).sum());
    let list: Vec<Entry> = items
        .par_iter()
        .with_max_len(1) // each takes long enough to be scheduled by itself
        .map(|item| {
            let Item { plan, seed, width, height, name } = item;
            let row_done = || progress.inc(1);
            let file = paint::scene(plan.scene, *seed, *width, *height, plan.format, &row_done);
            fs::write(unfinished.path().join(name), &file)?;
            Ok(Entry { name: name.clone(), bytes: file.len() as u64 })
        })
        .collect::<io::Result<_>>()?;
    fs::write(unfinished.path().join(LIST), serde_json::to_vec_pretty(&list)?)?;
    progress.finish_and_clear();

    take_place(unfinished.path(), home, items)
}

/// Gives a finished folder its name, unless another program was faster.
///
/// A damaged folder may be in the way and must be removed first. Between looking and removing,
/// another program could put its folder there, so a lock lets only one of them do both at a time;
/// the system releases it if a program dies.
fn take_place(finished: &Path, home: &Path, items: &[Item]) -> io::Result<()> {
    let lock = File::create(home.with_file_name(LOCK))?;
    lock.lock().ok(); // some file systems have no locks
    if is_kept(home, items) {
        return Ok(());
    }
    if home.exists() {
        fs::remove_dir_all(home)?;
    }
    fs::rename(finished, home)
}

fn progress(rows: u64) -> ProgressBar {
    let target = if io::stdout().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3} %")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(Some(rows), target).with_style(style);
    bar.with_message("Painting the gallery (once)…")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    /// Three of the dozen, but small, because these tests are about the folder.
    fn small() -> Vec<Item> {
        let collection = Collection::none();
        let small = |item| Item { width: 24, height: 16, ..item };
        (0..3).map(|index| small(collection.item(index))).collect()
    }

    /// The names in the folder, without those of locks.
    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| ![LOCK, own_files::LOCK].contains(&&**name)).collect()
    }

    #[test]
    fn the_dozen_has_every_format_and_forty_megapixels() {
        let pixels = PLAN.map(|plan| u64::from(plan.width) * u64::from(plan.height));
        let formats: HashSet<_> = PLAN.iter().map(|plan| plan.format).collect();
        assert!((39_000_000..42_000_000).contains(&pixels.iter().sum::<u64>()), "{pixels:?}");
        assert!((12_000_000..24_000_000).contains(pixels.iter().max().unwrap()));
        assert!((100_000..200_000).contains(pixels.iter().min().unwrap()));
        assert_eq!(formats.len(), Format::ALL.len());
    }

    #[test]
    fn previews_have_the_names_of_the_dozen_and_are_small() {
        let folder = tempfile::tempdir().unwrap();
        write_previews(folder.path()).unwrap();
        for plan in &PLAN {
            let file = fs::metadata(folder.path().join(plan.name).with_extension("jpg")).unwrap();
            assert!((500..30_000).contains(&file.len()), "{}: {} bytes", plan.name, file.len());
        }
    }

    #[test]
    fn beyond_the_dozen_names_and_seeds_are_new_and_pictures_small() {
        let collection = Collection::none();
        let items: Vec<_> = (0..10 * DOZEN).map(|index| collection.item(index)).collect();
        assert_eq!(items.iter().map(|item| &item.name).collect::<HashSet<_>>().len(), items.len());
        assert_eq!(items.iter().map(|item| item.seed).collect::<HashSet<_>>().len(), items.len());
        assert!(items[DOZEN..].iter().all(|item| item.width * item.height < 1_000_000));
        assert_eq!(items[DOZEN].name, "dunes-at-dawn-2.jpg");
    }

    #[test]
    fn what_was_painted_is_kept_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        assert!(!is_kept(&home, &small()));
        paint_all(&small(), folder.path(), &home).unwrap();
        assert!(is_kept(&home, &small()));
        assert_eq!(names(folder.path()), ["home"]);
        for item in small() {
            let file = fs::read(home.join(&item.name)).unwrap();
            assert_eq!(picture::decode_gray(&file).unwrap().size(), (24, 16));
        }
    }

    #[test]
    fn a_damaged_folder_is_painted_anew() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        paint_all(&small(), folder.path(), &home).unwrap();
        let file = home.join(&small()[1].name);
        let damages: [&dyn Fn(); 3] =
            [&|| fs::write(&file, "short").unwrap(), &|| fs::remove_file(&file).unwrap(), &|| {
                fs::write(home.join(LIST), "[").unwrap()
            }];
        for damage in damages {
            damage();
            assert!(!is_kept(&home, &small()));
            paint_all(&small(), folder.path(), &home).unwrap();
            assert!(is_kept(&home, &small()));
        }
    }

    #[test]
    fn programs_that_paint_at_the_same_time_all_find_the_folder_complete() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir(&home).unwrap(); // a damaged one
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    paint_all(&small(), folder.path(), &home).unwrap();
                    assert!(is_kept(&home, &small()));
                });
            }
        });
        assert_eq!(names(folder.path()), ["home"]);
    }
}
