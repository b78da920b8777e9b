//! How many workers there can be.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, io};

use rustix::process::{Resource, getrlimit, getuid};

/// How many workers this process may have at a time, in all its pools together. Each is a process, some
/// threads and an open file, and far fewer keep every core busy. Without a limit a mistake in a number would
/// start thousands, until the system has no room for anything else either.
pub(crate) const MAX_WORKERS: usize = 4096;

/// How many workers this process has.
static WORKERS: AtomicUsize = AtomicUsize::new(0);

/// One of the workers that this process may have.
#[derive(Debug)]
pub(super) struct Seat;

impl Seat {
    /// Takes one.
    ///
    /// # Errors
    ///
    /// If all are taken.
    pub(super) fn take() -> io::Result<Self> {
        let seat = Seat;
        if WORKERS.fetch_add(1, Ordering::Relaxed) < MAX_WORKERS {
            return Ok(seat);
        }
        Err(io::Error::other(format!(
            "this program has {MAX_WORKERS} worker processes, which is the most: \
             join or drop some before you start more, or give the work to a ProcessPool"
        )))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        WORKERS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether so many more workers fit into the limits of this process, as far as one can know beforehand. Else
/// most of them would be started before the system refuses one.
///
/// # Errors
///
/// If they do not, with the name of the limit.
pub(crate) fn check_room(workers: usize) -> io::Result<()> {
    let refuse = |need: usize, what: &str, limit: u64, flag: &str| {
        Err(io::Error::other(format!(
            "{workers} worker processes need {need} {what}, and the limit is {limit} (ulimit -{flag}): \
             try fewer, or raise the limit"
        )))
    };
    // A socket to each; and while it starts both ends of it, and how the start went.
    let files = fs::read_dir("/dev/fd").map_or(3, Iterator::count) + workers + 4;
    if let Some(limit) = getrlimit(Resource::Nofile).current
        && files as u64 > limit
    {
        return refuse(files, "open files", limit, "n");
    }
    // Two threads in each, and one here. The limit counts all of the user's, and does not hold for root.
    let threads = 3 * workers;
    if let Some(limit) = getrlimit(Resource::Nproc).current
        && threads as u64 > limit
        && !getuid().is_root()
    {
        return refuse(threads, "processes and threads", limit, "u");
    }
    Ok(())
}
