//! The sums are right, and it wasn't the parent that read the files.

use std::fs;
use std::path::PathBuf;

use answer::{TASKS, checksums};
use challenges::{Judged, check, require};
use hands::process::init;

challenges::answer!("../../../../challenges/07_pass_the_name.rs");

const FILES: usize = 6;
const SIZE: usize = 1 << 20;

const PROCESSES: &str = "07_messages.md#c-processes";

fn main() {
    init(TASKS);
    check("07_pass_the_name", |check| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut files: Vec<_> = (0..FILES).map(|n| folder.path().join(n.to_string())).collect();
        for (n, file) in files.iter().enumerate() {
            fs::write(file, vec![n as u8 + 1; SIZE]).expect("room for 6 MB");
        }
        files.insert(2, folder.path().join("not there"));
        check.part("a sum for each file, and an error for one that doesn't exist", || {
            sums(&files)
        })?;
        check.part("the parent doesn't read", not_read_here)
    })
}

fn sums(files: &[PathBuf]) -> Judged {
    let seen = checksums(files);
    require(
        seen.len() == files.len(),
        format!("{} results, in the order of the files", files.len()),
        format!("{}", seen.len()),
        PROCESSES,
    )?;
    require(
        seen[2].is_err(),
        "an error for the third file, which doesn't exist",
        format!("{:?}", seen[2]),
        "04_futures.md#an-error-that-crosses-a-process",
    )?;
    let sums: Vec<u64> = seen.into_iter().flatten().collect();
    let expected: Vec<u64> = (1..=FILES).map(|n| (n * SIZE) as u64).collect();
    require(sums == expected, format!("{expected:?}"), format!("{sums:?}"), PROCESSES)
}

/// This file holds the command line of the process that reads it, and a worker has another one than
/// its parent. Only Linux has it.
const WHO_READS: &str = "/proc/self/cmdline";

fn not_read_here() -> Judged {
    let Ok(mine) = fs::read(WHO_READS) else { return Ok(()) };
    let mine: u64 = mine.iter().map(|byte| u64::from(*byte)).sum();
    let seen = checksums(&[PathBuf::from(WHO_READS)]);
    require(
        seen != [Ok(mine)],
        "that a file is read where its bytes are needed: in a worker",
        format!(
            "{WHO_READS} is a different file in each process, and it was the parent's that was read"
        ),
        PROCESSES,
    )
}
