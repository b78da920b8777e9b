//! Which bug is in.

use std::cell::Cell;

thread_local! {
    /// Shuttle and loom run all threads of a program on one thread of the system.
    static NOW: Cell<&'static str> = const { Cell::new("") };
}

/// Whether this bug is in: the copy of `hands` asks.
pub fn is_in(what: &str) -> bool {
    NOW.get() == what
}

/// Puts this bug into the copy of `hands`, in place of the one that is in it now, and on this
/// thread only. An empty text takes it out.
pub(crate) fn put_in(what: &'static str) {
    NOW.set(what);
}
