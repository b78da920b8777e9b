//! Waiting for what comes soon.

use std::thread;

/// How often others may run before it is time to sleep.
const YIELDS: u32 = 20;

/// Lets other threads run, again and again, until `look` finds something, but not for long: then it
/// is cheaper to sleep. To go to sleep and be woken takes longer than a short task.
pub(crate) fn stay_awake<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    (0..YIELDS).find_map(|_| {
        thread::yield_now();
        look()
    })
}
