//! Worker processes that should have ended.

use crate::verdict::{Judged, require};
use crate::wait::wait_until;

/// Requires that these worker processes end, now that the answer's function has returned. `page` is
/// where to read on.
///
/// # Errors
///
/// If one of them is still alive after [`PATIENCE`](crate::PATIENCE).
pub fn nobody_is_left(pids: impl IntoIterator<Item = u32>, page: &str) -> Judged {
    let mut left: Vec<u32> = pids.into_iter().collect();
    left.sort_unstable();
    left.dedup();
    let all_gone = wait_until(|| {
        left.retain(|pid| harness::is_alive(*pid));
        left.is_empty()
    });
    require(
        all_gone,
        "that no worker process is left when the function has returned",
        format!("still there, by pid: {left:?}"),
        page,
    )
}
