//! What Linux says of processes. Elsewhere there is no `/proc` to read.

use std::fs;

/// The living children of a process. Linux only: elsewhere there is no `/proc` to read.
pub fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("a list of processes");
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|&pid| state(pid).is_some_and(|(state, its)| state != "Z" && its == parent))
        .collect()
}

/// Whether a process lives: one that has ended and was not waited for does not. Linux only.
pub fn lives(pid: u32) -> bool {
    state(pid).is_some_and(|(state, _)| state != "Z")
}

/// In which state a process is, and whose child.
fn state(pid: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name, which may hold anything: state and parent.
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

/// What Linux says of the memory of a process, in KiB: as `field`, `VmRSS` is what it has now, and `VmHWM` the most
/// that it ever had. `None` if there is no such process, or this is not Linux.
///
/// ```
/// let pid = std::process::id();
/// let [now, most] = ["VmRSS", "VmHWM"].map(|field| harness::status_kib(pid, field));
/// assert!(now <= most);
/// ```
pub fn status_kib(pid: u32, field: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
