//@ refused: with the text of the error
// An error, and nobody hears which.

use std::fs;
use std::path::PathBuf;

use hands::pool::ProcessPool;
use hands::process::{Registered, Task};

pub const TASKS: &[&dyn Registered] = &[&CHECKSUM];

const CHECKSUM: Task<PathBuf, Result<u64, String>> = Task::new("checksum", |file| {
    let bytes = fs::read(file).map_err(|_| String::new())?;
    Ok(bytes.iter().map(|byte| u64::from(*byte)).sum())
});

pub fn checksums(files: &[PathBuf]) -> Vec<Result<u64, String>> {
    let pool = ProcessPool::new(2).expect("two processes start");
    pool.map(&CHECKSUM, files.iter().cloned()).expect("the workers do their work")
}
