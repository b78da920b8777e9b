//! Waiting for something that will probably come soon.

use crate::sync::thread;

/// How often to let other threads run before it's time to sleep.
const YIELDS: u32 = 20;

/// Lets other threads run until `look` finds something, but not for long: `None` means that it's
/// time to sleep. Falling asleep and being woken takes longer than a short task, so this pays.
pub(crate) fn stay_awake<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    (0..YIELDS).find_map(|_| {
        thread::yield_now();
        look()
    })
}
