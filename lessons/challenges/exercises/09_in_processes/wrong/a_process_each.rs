//@ refused: one more came
// A process for each file, all at the same time.

use std::path::{Path, PathBuf};
use std::{fs, process};

use hands::process::{Process, Registered, Task};
use pictures::download::name;
use pictures::picture;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub thumbnail: PathBuf,
    pub pid: u32,
}

pub const TASKS: &[&dyn Registered] = &[&THUMBNAIL];

const THUMBNAIL: Task<(PathBuf, PathBuf), Result<Made, String>> =
    Task::new("thumbnail", |(file, out)| make(&file, &out).map_err(|error| error.to_string()));

fn make(file: &Path, out: &Path) -> anyhow::Result<Made> {
    let picture = picture::process(&fs::read(file)?)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let thumbnail = out.join(name::processed(&name));
    fs::write(&thumbnail, picture)?;
    Ok(Made { thumbnail, pid: process::id() })
}

pub fn thumbnails(files: &[PathBuf], out: &Path, _workers: usize) -> Vec<Result<Made, String>> {
    let start = |file: &PathBuf| Process::spawn(&THUMBNAIL, (file.clone(), out.to_owned()));
    let children: Vec<_> = files.iter().map(start).collect();
    let results = children.into_iter().map(|child| {
        let child = child.map_err(|error| error.to_string())?;
        child.join().map_err(|failure| failure.to_string())?
    });
    results.collect()
}
