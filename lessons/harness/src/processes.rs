//! What the system says about processes: `/proc` on Linux, `ps` elsewhere.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// One process, or one thread.
struct Process {
    pid: u32,
    parent: u32,
    /// `R` runs, `S` sleeps, `Z` has ended and its parent hasn't asked how, `X` is gone.
    state: char,
    /// How long it has computed. Zero where only `ps` tells.
    cpu_time: Duration,
}

impl Process {
    /// Reads a `/proc/PID/stat`.
    fn read(stat: &Path) -> Option<Process> {
        let text = fs::read_to_string(stat).ok()?;
        let pid = text.split(' ').next()?.parse().ok()?;
        // The name may hold anything, parentheses too. After it: state, parent, and further on the
        // times in user and in kernel mode, in hundredths of a second.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
        Some(Process {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            state: fields.first()?.chars().next()?,
            cpu_time: Duration::from_millis(10 * (ticks(11)? + ticks(12)?)),
        })
    }

    fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

/// All processes there are.
fn all() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return all_by_ps() };
    let stats = entries.filter_map(|entry| Some(entry.ok()?.path().join("stat")));
    stats.filter_map(|stat| Process::read(&stat)).collect()
}

fn all_by_ps() -> Vec<Process> {
    let ps = Command::new("ps").args(["-axo", "pid=,ppid=,stat="]).output();
    let text = ps.map(|ps| String::from_utf8_lossy(&ps.stdout).into_owned()).unwrap_or_default();
    let process = |line: &str| {
        let mut words = line.split_whitespace();
        Some(Process {
            pid: words.next()?.parse().ok()?,
            parent: words.next()?.parse().ok()?,
            state: words.next()?.chars().next()?,
            cpu_time: Duration::ZERO,
        })
    };
    text.lines().filter_map(process).collect()
}

/// The living children of a process.
pub fn children(parent: u32) -> Vec<u32> {
    let living = |process: &Process| process.parent == parent && !process.has_ended();
    all().into_iter().filter(living).map(|process| process.pid).collect()
}

/// How long the children of a process have computed so far, to a hundredth of a second. Only Linux
/// says; elsewhere it is zero.
pub fn cpu_time_of_children(parent: u32) -> Duration {
    let its = all().into_iter().filter(|process| process.parent == parent);
    its.map(|process| process.cpu_time).sum()
}

/// Whether a process is still alive. One that has ended isn't, even if nobody has waited for it
/// yet.
pub fn is_alive(pid: u32) -> bool {
    let folder = Path::new("/proc").join(pid.to_string());
    if Path::new("/proc/self/stat").exists() {
        // Its first thread may have ended before the others.
        return Process::read(&folder.join("stat"))
            .is_some_and(|process| !process.has_ended() || thread_states(pid).len() > 1);
    }
    all_by_ps().iter().any(|process| process.pid == pid && !process.has_ended())
}

/// The command line of a process, with its words separated by spaces. `None` if there is no such
/// process, or if only `ps` could tell.
pub fn command_line(pid: u32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim_end_matches('\0').replace('\0', " "))
}

/// Whether a process was started with this environment variable. A child has it from its parent, so
/// it tells whose descendant a process is, even once its parents have gone. Linux only; elsewhere
/// it's `false`.
pub fn has_in_environment(pid: u32, name: &str, value: &Path) -> bool {
    let entry = [name.as_bytes(), b"=", value.as_os_str().as_encoded_bytes()].concat();
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|has| has == entry)
}

/// The state of each thread of a process, as one letter: `R` runs, `S` sleeps. Linux only;
/// elsewhere there are none.
pub fn thread_states(pid: u32) -> Vec<char> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
    let stats = threads.filter_map(|thread| Some(thread.ok()?.path().join("stat")));
    stats.filter_map(|stat| Some(Process::read(&stat)?.state)).collect()
}

/// How many times the threads of a process were ready to go on when they lost their core, or gave
/// it up, as `yield_now` does. Sleeping doesn't count. Linux only; elsewhere it's 0.
///
/// ```
/// let before = harness::switches_while_ready(std::process::id());
/// std::thread::sleep(std::time::Duration::from_millis(1));
/// assert!(harness::switches_while_ready(std::process::id()) >= before);
/// ```
pub fn switches_while_ready(pid: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
    let statuses =
        threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("status")).ok());
    statuses
        .filter_map(|status| {
            status_field(&status, "nonvoluntary_ctxt_switches")?.parse::<u64>().ok()
        })
        .sum()
}

/// What Linux says about the memory of a process, in KiB: `VmRSS` is what it has now, `VmHWM` the
/// most it ever had. `None` if there is no such process, or if this isn't Linux.
///
/// ```
/// let pid = std::process::id();
/// let [now, most] = ["VmRSS", "VmHWM"].map(|field| harness::status_kib(pid, field));
/// assert!(now <= most);
/// ```
pub fn status_kib(pid: u32, field: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status_field(&status, field)?.strip_suffix(" kB")?.parse().ok()
}

fn status_field<'a>(status: &'a str, field: &str) -> Option<&'a str> {
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(line.trim())
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[test]
    fn a_child_is_alive_until_it_ends_even_if_nobody_waits_for_it() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let (us, it) = (std::process::id(), child.id());
        assert!(is_alive(it) && children(us).contains(&it));
        drop(child.stdin.take());
        crate::wait_until("cat ends", || !is_alive(it));
        assert!(!children(us).contains(&it), "it has ended, and nobody has waited for it");
        child.wait().unwrap();
        assert!(!is_alive(it));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_may_hold_parentheses_and_spaces() {
        let folder = tempfile::tempdir().unwrap();
        let stat = folder.path().join("stat");
        fs::write(&stat, "7 (a) S (b) R 3 7 7 0 -1 4 1 2 3 4 150 25 0 0 20 0 1 0 9").unwrap();
        let process = Process::read(&stat).unwrap();
        assert_eq!((process.pid, process.state, process.parent), (7, 'R', 3));
        assert_eq!(process.cpu_time, Duration::from_millis(1750));
    }
}
