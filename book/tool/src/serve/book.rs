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
    /// The last build, and whether it failed.
    builds: Mutex<Builds>,
    rebuilt: Condvar,
    /// One run at a time.
    turn: Mutex<()>,
    /// The process group of the program that runs now.
    running: Mutex<Option<u32>>,
    /// The process group of what is built in advance; an error once nothing more should be.
    warming: Mutex<Result<Option<u32>, NoMore>>,
    /// What has the turn, as a page shows it.
    whose: Mutex<String>,
    /// One save at a time, so that nothing changes between the look at a file and its replacement.
    saving: Mutex<()>,
}

/// The reader runs something, so nothing is built in advance any more.
#[derive(Clone, Copy, Debug)]
struct NoMore;

/// How often the book has been built, and why it couldn't be the last time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Builds {
    pub(super) count: u64,
    pub(super) error: Option<String>,
}

/// The right to run something. It ends when this is dropped.
pub(super) struct Turn<'b>(#[expect(dead_code, reason = "it's held")] MutexGuard<'b, ()>);

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
            warming: Mutex::new(Ok(None)),
            whose: Mutex::default(),
            saving: Mutex::default(),
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
        let mut builds = lock(&self.builds);
        *builds = Builds { count: builds.count + 1, error: None };
        self.rebuilt.notify_all();
    }

    /// Says why the pages stay as they are.
    pub(super) fn broke(&self, error: String) {
        lock(&self.builds).error = Some(error);
        self.rebuilt.notify_all();
    }

    /// Waits until something else is known about the builds, or for this long.
    pub(super) fn wait_for_build(&self, than: Option<&Builds>, limit: Duration) -> Builds {
        let known = |builds: &mut Builds| Some(&*builds) == than;
        let builds = self.rebuilt.wait_timeout_while(lock(&self.builds), limit, known);
        builds.unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// The right to run something, or what has it now.
    pub(super) fn take_turn(&self, name: &str) -> Result<Turn<'_>, String> {
        let turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(lock(&self.whose).clone()),
        };
        self.warm_no_more();
        name.clone_into(&mut lock(&self.whose));
        Ok(Turn(turn))
    }

    /// Keeps other pages from saving something until this is dropped.
    pub(super) fn save_alone(&self) -> MutexGuard<'_, ()> {
        lock(&self.saving)
    }

    /// Notes what is built in advance. `false` if nothing should be any more.
    pub(super) fn warms(&self, group: Option<u32>) -> bool {
        let mut warming = lock(&self.warming);
        if let Ok(known) = &mut *warming {
            *known = group;
        }
        warming.is_ok()
    }

    fn warm_no_more(&self) {
        if let Ok(Some(group)) = std::mem::replace(&mut *lock(&self.warming), Err(NoMore)) {
            harness::kill_group(group);
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
        self.warm_no_more();
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
