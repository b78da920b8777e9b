// The input of a task is the name of a file. Who works on the bytes reads them.

use std::fs;
use std::path::PathBuf;

use hands::pool::ProcessPool;
use hands::process::{Registered, Task};

pub const TASKS: &[&dyn Registered] = &[&CHECKSUM];

const CHECKSUM: Task<PathBuf, Result<u64, String>> = Task::new("checksum", |file| {
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    Ok(bytes.iter().map(|byte| u64::from(*byte)).sum())
});

pub fn checksums(files: &[PathBuf]) -> Vec<Result<u64, String>> {
    let pool = ProcessPool::new(2).expect("two processes start");
    pool.map(&CHECKSUM, files.iter().cloned()).expect("the workers do their work")
}
