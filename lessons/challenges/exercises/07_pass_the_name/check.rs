//! The sums are right, and it wasn't the parent that read the files, but two workers at a time.

use std::fs;
use std::path::{Path, PathBuf};

use answer::{TASKS, checksums};
use challenges::{Judged, Pipes, Rush, check, require};
use hands::process::init;

challenges::answer!("../../../../challenges/07_pass_the_name.rs");

const WORKERS: usize = 2;
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
        check.if_stuck(
            "each file here can be read only once: who waits for it a second time?",
            PROCESSES,
        );
        check.part("a sum for each file, and an error for one that doesn't exist", || {
            sums(&files)
        })?;
        check.part("two workers read at a time, and the parent doesn't", || two_read(folder.path()))
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
    let why = fs::read(&files[2]).map_or_else(|error| error.kind().to_string(), |_| String::new());
    let is_said = |reason: &String| reason.to_lowercase().contains("no such file");
    require(
        seen[2].as_ref().is_err_and(|reason| is_said(reason) || reason.contains(&why)),
        format!(
            "an error for the third file, which doesn't exist, with the text of the error: {why}"
        ),
        format!("{:?}", seen[2]),
        "04_futures.md#an-error-that-crosses-a-process",
    )?;
    sums_are(&seen, |n| ((n + 1) * SIZE) as u64)
}

/// These files are named pipes, whose readers wait for each other.
fn two_read(folder: &Path) -> Judged {
    let file = |n: usize| (folder.join(format!("pipe {n}")), vec![n as u8; 100]);
    let pipes = Pipes::lay_out((0..FILES).map(file).collect(), WORKERS);
    let seen = checksums(pipes.paths());
    let rush = pipes.close();
    require(
        !pipes.were_read_here(),
        "that a file is read where its bytes are needed: in a worker",
        "a file was read in the main process",
        PROCESSES,
    )?;
    let seen_reading = match rush {
        None => return sums_are(&seen, |n| n as u64 * 100),
        Some(Rush::TooFew(n) | Rush::NoNext(n)) => {
            format!("{n} at a time: is it one task for all files, or a chunk of them?")
        }
        Some(Rush::TooMany) => "more than two at a time".to_owned(),
        Some(Rush::Again(file)) => format!("{file} was read twice"),
    };
    require(false, "that two workers read at a time, and each file once", seen_reading, PROCESSES)
}

fn sums_are(seen: &[Result<u64, String>], sum: impl Fn(usize) -> u64) -> Judged {
    let sums: Vec<u64> = seen.iter().flatten().copied().collect();
    let expected: Vec<u64> = (0..FILES).map(sum).collect();
    require(sums == expected, format!("{expected:?}"), format!("{sums:?}"), PROCESSES)
}
