//@ refused: a file was read in the main process
// Threads, in this process: nothing is sent, and it is the parent that reads.

use std::fs;
use std::path::PathBuf;

use hands::pool::ThreadPool;
use hands::process::Registered;

pub const TASKS: &[&dyn Registered] = &[];

pub fn checksums(files: &[PathBuf]) -> Vec<Result<u64, String>> {
    let pool = ThreadPool::new(2).expect("two threads start");
    let checksum = |file| {
        let bytes = fs::read(file).map_err(|error: std::io::Error| error.to_string())?;
        Ok(bytes.iter().map(|byte| u64::from(*byte)).sum())
    };
    pool.map(checksum, files.to_vec()).expect("no task panics")
}
