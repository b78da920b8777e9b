//@ refused: are the workers threads
// A pool of threads: one word less, and a crash in a decoder would take the whole program with it.

use std::path::{Path, PathBuf};
use std::{fs, process};

use hands::pool::ThreadPool;
use hands::process::{Registered, Task};
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

pub fn thumbnails(files: &[PathBuf], out: &Path, workers: usize) -> Vec<Result<Made, String>> {
    std::thread::scope(|s| {
        let pool = ThreadPool::scoped(s, workers).expect("the threads start");
        let work = |file: &PathBuf| make(file, out).map_err(|error| error.to_string());
        pool.imap(work, files).map(|outcome| outcome.expect("no panic")).collect()
    })
}
