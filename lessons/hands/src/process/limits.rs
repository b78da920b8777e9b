//! How many worker processes there can be.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, io};

use rustix::process::{Resource, getrlimit, getuid};

/// How many workers this process may have at a time, in all its pools together. Each one is a
/// process, some threads and an open file, and far fewer keep every core busy. Without a limit, a
/// typing error would start thousands, until the system has no room for anything else.
pub(crate) const MAX_WORKERS: usize = 4096;

/// How many workers this process has now.
static WORKERS: AtomicUsize = AtomicUsize::new(0);

/// The right to have one worker.
#[derive(Debug)]
pub(super) struct Seat;

impl Seat {
    /// Takes a seat.
    ///
    /// # Errors
    ///
    /// If none is free.
    pub(super) fn take() -> io::Result<Self> {
        let seat = Seat;
        if WORKERS.fetch_add(1, Ordering::Relaxed) < MAX_WORKERS {
            return Ok(seat);
        }
        Err(io::Error::other(format!(
            "this program has {MAX_WORKERS} worker processes, which is the limit: \
             join or drop some before you start more, or give the tasks to a ProcessPool"
        )))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        WORKERS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Checks, as far as anyone can tell beforehand, that this many more workers fit into the limits of
/// this process. Without the check, most of them would start before the system refuses one.
///
/// # Errors
///
/// If they don't fit. The error names the limit.
pub(crate) fn check_room(workers: usize) -> io::Result<()> {
    let refuse = |need: usize, what: &str, limit: u64, flag: &str| {
        Err(io::Error::other(format!(
            "{workers} worker processes need {need} {what}, and the limit is {limit} (ulimit -{flag}): \
             try fewer, or raise the limit"
        )))
    };
    // A socket for each worker. While one starts: both ends of it, and a pipe that reports the
    // start.
    let files = fs::read_dir("/dev/fd").map_or(3, Iterator::count) + workers + 4;
    if let Some(limit) = getrlimit(Resource::Nofile).current
        && files as u64 > limit
    {
        return refuse(files, "open files", limit, "n");
    }
    // Two threads in each worker, and one here. The limit counts everything that the user runs, and
    // root has none.
    let threads = 3 * workers;
    if let Some(limit) = getrlimit(Resource::Nproc).current
        && threads as u64 > limit
        && !getuid().is_root()
    {
        return refuse(threads, "processes and threads", limit, "u");
    }
    Ok(())
}
