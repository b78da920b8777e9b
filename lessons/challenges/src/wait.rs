//! Waiting for what should happen by itself.

use std::time::Duration;

use harness::poll;

/// How long a check waits for something that takes next to no time, even on a machine that is busy
/// with other things. A right answer never waits this long.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until something holds, for [`PATIENCE`] at most, and says whether it does.
pub fn wait_until(mut holds: impl FnMut() -> bool) -> bool {
    poll(PATIENCE, || holds().then_some(())).is_some()
}
