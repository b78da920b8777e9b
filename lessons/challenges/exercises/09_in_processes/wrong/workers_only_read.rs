//@ refused: do pictures travel from the workers?
// The workers read, and the parent does the rest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

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

pub const TASKS: &[&dyn Registered] = &[&READ];

const READ: Task<PathBuf, Result<(u32, Vec<u8>), String>> = Task::new("read", |file| {
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    Ok((process::id(), bytes))
});

pub fn thumbnails(files: &[PathBuf], out: &Path, workers: usize) -> Vec<Result<Made, String>> {
    let pool = ProcessPool::new(workers).expect("the processes start");
    let outcomes = files.iter().zip(pool.imap(&READ, files.iter().cloned()));
    let made = outcomes.map(|(file, outcome)| {
        let (pid, bytes) = outcome.map_err(|error| error.to_string())??;
        make(file, out, pid, &bytes).map_err(|error| error.to_string())
    });
    made.collect()
}

fn make(file: &Path, out: &Path, pid: u32, bytes: &[u8]) -> anyhow::Result<Made> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let thumbnail = out.join(name::processed(&name));
    fs::write(&thumbnail, picture::process(bytes)?)?;
    Ok(Made { thumbnail, pid })
}
