//! Waiting until something holds.

use std::thread;
use std::time::{Duration, Instant};

/// What hasn't happened by now never will: no test waits this long just because the machine is
/// busy.
pub const HANGS: Duration = Duration::from_secs(600);

/// How often [`poll`] looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Looks again and again until there is something, or until `limit` has passed. It looks at least
/// once.
///
/// ```
/// use std::time::Duration;
///
/// let mut looks = 0;
/// let mut third_time_lucky = || {
///     looks += 1;
///     (looks == 3).then_some("found")
/// };
/// assert_eq!(harness::poll(Duration::from_secs(60), &mut third_time_lucky), Some("found"));
/// assert_eq!(harness::poll(Duration::ZERO, third_time_lucky), None);
/// ```
pub fn poll<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        let found = look();
        if found.is_some() || start.elapsed() >= limit {
            return found;
        }
        thread::sleep(PAUSE);
    }
}

/// Looks again and again until there is what a test waits for.
///
/// # Panics
///
/// If it hasn't come within [`HANGS`].
#[track_caller]
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    let found = poll(HANGS, look);
    found.unwrap_or_else(|| panic!("waited {} s in vain for this: {what}", HANGS.as_secs()))
}

/// Waits until something holds that a test waits for.
///
/// # Panics
///
/// If it still doesn't hold after [`HANGS`].
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    wait_for(what, || holds().then_some(()));
}
