//! What the system says of processes.

use std::fs;
use std::process;

use crate::verdict::{Judged, require};
use crate::wait::wait_until;

/// A process, as `/proc` tells of it: only Linux has that.
struct Stat {
    state: char,
    parent: u32,
    /// For how long it has computed, in hundredths of a second.
    ticks: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name, which may hold anything: state, parent, and further on the two times.
    let fields: Vec<&str> = text.rsplit(") ").next()?.split(' ').collect();
    let ticks = |n: usize| fields.get(n)?.parse::<u64>().ok();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        ticks: ticks(11)? + ticks(12)?,
    })
}

/// The children of this process, those that have ended and were not waited for among them.
fn all_children() -> impl Iterator<Item = (u32, Stat)> {
    let processes = fs::read_dir("/proc").into_iter().flatten();
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid)?)))
        .filter(|(_, stat)| stat.parent == process::id())
}

/// The living children of this process. Only Linux tells: elsewhere there are none.
pub fn children() -> Vec<u32> {
    all_children().filter(|(_, stat)| stat.state != 'Z').map(|(pid, _)| pid).collect()
}

/// For how long the children of this process have computed, in hundredths of a second. Only Linux tells.
pub(crate) fn ticks_of_children() -> u64 {
    all_children().map(|(_, stat)| stat.ticks).sum()
}

/// Whether a process lives. One that has ended and was not waited for does not.
#[cfg(unix)]
pub fn is_alive(pid: u32) -> bool {
    if let Some(stat) = stat(pid) {
        return !matches!(stat.state, 'Z' | 'X');
    }
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

/// Requires that these worker processes end, now that the answer's function has returned. `page` is where to
/// read on.
#[cfg(unix)]
pub fn nobody_is_left(pids: impl IntoIterator<Item = u32>, page: &str) -> Judged {
    let mut left: Vec<u32> = pids.into_iter().collect();
    left.sort_unstable();
    left.dedup();
    let all_gone = wait_until(|| {
        left.retain(|pid| is_alive(*pid));
        left.is_empty()
    });
    require(
        all_gone,
        "that no worker process is left when the function has returned",
        format!("still there, by pid: {left:?}"),
        page,
    )
}
