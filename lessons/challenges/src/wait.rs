//! Waiting for what should come by itself.

use std::thread;
use std::time::{Duration, Instant};

/// How long a check waits for something that takes next to no time, on a machine that may be busy with
/// other things. A right answer never waits so long.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until it is so, for [`PATIENCE`] at most, and says whether it came to be so.
pub fn wait_until(mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if is_so() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
}
