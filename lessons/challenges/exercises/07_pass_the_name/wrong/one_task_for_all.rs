//@ refused: is it one task for all files
// All names travel in one task, so one worker reads everything, and the other has nothing to do.

use std::fs;
use std::path::PathBuf;

use hands::pool::ProcessPool;
use hands::process::{Registered, Task};

pub const TASKS: &[&dyn Registered] = &[&CHECKSUMS];

const CHECKSUMS: Task<Vec<PathBuf>, Vec<Result<u64, String>>> =
    Task::new("checksums", |files| files.iter().map(checksum).collect());

fn checksum(file: &PathBuf) -> Result<u64, String> {
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    Ok(bytes.iter().map(|byte| u64::from(*byte)).sum())
}

pub fn checksums(files: &[PathBuf]) -> Vec<Result<u64, String>> {
    let pool = ProcessPool::new(2).expect("two processes start");
    pool.submit(&CHECKSUMS, files.to_vec()).join().expect("the worker does its work")
}
