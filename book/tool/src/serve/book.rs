//! What all requests share.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};
use std::time::Duration;

use tempfile::TempDir;

/// The book that is being served.
pub(super) struct Book {
    pub(super) root: PathBuf,
    pub(super) address: SocketAddr,
    /// Only our own pages know it.
    pub(super) token: String,
    /// How long a run may take. Building is not counted.
    pub(super) limit: Duration,
    /// The built pages. `None` once the server ends.
    site: RwLock<Option<TempDir>>,
    /// How often the pages have been built again.
    builds: Mutex<u64>,
    rebuilt: Condvar,
    /// One run at a time.
    turn: Mutex<()>,
    /// The process group of the program that runs now.
    running: Mutex<Option<u32>>,
}

impl Book {
    pub(super) fn new(root: &Path, site: TempDir, address: SocketAddr, limit: Duration) -> Book {
        Book {
            root: root.to_owned(),
            address,
            token: token(),
            limit,
            site: RwLock::new(Some(site)),
            builds: Mutex::default(),
            rebuilt: Condvar::new(),
            turn: Mutex::default(),
            running: Mutex::default(),
        }
    }

    /// The folder of the built pages.
    pub(super) fn site(&self) -> Option<PathBuf> {
        let site = self.site.read().unwrap_or_else(PoisonError::into_inner);
        site.as_ref().map(|site| site.path().to_owned())
    }

    /// Serves other pages from now on.
    pub(super) fn replace(&self, site: TempDir) {
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = Some(site);
        *lock(&self.builds) += 1;
        self.rebuilt.notify_all();
    }

    pub(super) fn builds(&self) -> u64 {
        *lock(&self.builds)
    }

    /// Waits until the pages have been built more often than this, or for this long.
    pub(super) fn wait_for_build(&self, than: u64, limit: Duration) -> u64 {
        let builds = self.rebuilt.wait_timeout_while(lock(&self.builds), limit, |n| *n == than);
        *builds.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The right to run something, if nothing else runs.
    pub(super) fn take_turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.turn.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Notes what runs now.
    pub(super) fn runs(&self, group: Option<u32>) {
        *lock(&self.running) = group;
    }

    /// Kills what runs now, with everything in its process group.
    pub(super) fn kill(&self) {
        if let Some(group) = *lock(&self.running) {
            // Its worker processes have groups of their own, and end when it does.
            harness::kill_group(group);
        }
    }

    /// Leaves nothing behind.
    pub(super) fn end(&self) {
        self.kill();
        self.site.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that no other page can guess.
fn token() -> String {
    use std::hash::{BuildHasher, RandomState};
    // The keys of a new hasher come from the system's source of randomness.
    let words = [(); 4].map(|()| format!("{:016x}", RandomState::new().hash_one(0)));
    words.concat()
}
