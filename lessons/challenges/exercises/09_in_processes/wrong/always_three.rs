//@ refused: that 2 files are being read at a time
// Three workers, whatever it is asked for.

use std::path::{Path, PathBuf};
use std::{fs, process};

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
    Ok(Made { thumbnail, pid: process::id() })
}

pub fn thumbnails(files: &[PathBuf], out: &Path, _workers: usize) -> Vec<Result<Made, String>> {
    let pool = ProcessPool::new(3).expect("the processes start");
    let names = files.iter().map(|file| (file.clone(), out.to_owned()));
    let outcomes = pool.imap(&THUMBNAIL, names);
    outcomes.map(|outcome| outcome.unwrap_or_else(|error| Err(error.to_string()))).collect()
}
