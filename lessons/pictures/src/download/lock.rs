//! Locking a mutex, whatever happened to its last owner.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks even if a thread panicked while it held the lock: what is behind these locks is consistent
/// between any two statements.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
