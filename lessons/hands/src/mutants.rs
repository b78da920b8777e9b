//! Bugs that the tests of schedules put in, one at a time, to see whether they find them.

use std::cell::Cell;

thread_local! {
    static MUTANT: Cell<&'static str> = const { Cell::new("") };
}

/// Puts in the bug of this name, on this thread and on shuttle's threads, which run on it.
pub fn set(name: &'static str) {
    MUTANT.set(name);
}

/// Whether this bug is in.
pub(crate) fn is_in(name: &str) -> bool {
    MUTANT.get() == name
}
