//! Who could go on.

use std::process;

use harness::{children, thread_states};

/// Whether another thread of this process, or one of a worker process, runs or waits for a core or
/// a disk.
pub(crate) fn others_are_ready() -> bool {
    let ready = |pid| thread_states(pid).iter().filter(|state| "RD".contains(**state)).count();
    ready(process::id()) > 1 || children(process::id()).into_iter().any(|child| ready(child) > 0)
}
