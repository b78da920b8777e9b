//! The clock, which all processes of a machine share.

use std::time::Duration;

/// The time since a moment that is the same for every process of this machine.
#[cfg(unix)]
pub(super) fn now() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

/// The time since 1970: the closest thing to a shared monotonic clock that std offers elsewhere.
#[cfg(not(unix))]
pub(super) fn now() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}
