//! The clocks: one that all processes of a machine share, and one of each thread's own.

use std::time::Duration;

/// The time since a moment that is the same for every process of this machine.
#[cfg(unix)]
pub(super) fn now() -> Duration {
    read(rustix::time::ClockId::Monotonic)
}

/// The time since 1970: the closest thing to a shared monotonic clock that std offers elsewhere.
#[cfg(not(unix))]
pub(super) fn now() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}

/// The processor time that this thread has used so far: it grows while the thread computes, and
/// stands still while it waits, be it for a lock, for a server or for a core. `None` on platforms
/// without such a clock.
///
/// ```
/// use hands::timeline::thread_time;
/// use std::{thread, time::Duration};
///
/// let before = thread_time();
/// thread::sleep(Duration::from_millis(20));
/// if let (Some(before), Some(after)) = (before, thread_time()) {
///     assert!(after - before < Duration::from_millis(20));
/// }
/// ```
pub fn thread_time() -> Option<Duration> {
    #[cfg(unix)]
    return Some(read(rustix::time::ClockId::ThreadCPUTime));
    #[cfg(not(unix))]
    None
}

#[cfg(unix)]
fn read(clock: rustix::time::ClockId) -> Duration {
    let now = rustix::time::clock_gettime(clock);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

/// How long this thread has been ready to compute without a core so far. `None` if the system
/// doesn't count that: only Linux does.
pub(super) fn thread_delay() -> Option<Duration> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    // Time on a core, time waiting for one, and number of turns.
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    counted.split(' ').nth(1)?.parse().ok().map(Duration::from_nanos)
}

/// How long the cores of this machine have computed for other processes so far. `None` if the
/// system doesn't count that.
#[cfg(target_os = "linux")]
pub(super) fn elsewhere() -> Option<Duration> {
    /// In milliseconds.
    const TICK: u64 = 10;
    let counted = std::fs::read_to_string("/proc/stat").ok()?;
    let all_cores: Vec<u64> =
        counted.lines().next()?.split_whitespace().skip(1).map_while(|n| n.parse().ok()).collect();
    // `stolen` by other virtual machines; between `system` and `hard` is what nobody computed.
    let [user, nice, system, _, _, hard, soft, stolen, ..] = all_cores[..] else { return None };
    let all = Duration::from_millis(TICK * (user + nice + system + hard + soft + stolen));
    Some(all.saturating_sub(read(rustix::time::ClockId::ProcessCPUTime)))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn elsewhere() -> Option<Duration> {
    None
}
