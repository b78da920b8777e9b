//! What all lanes of a pool share.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::options::Options;

/// What all lanes of a pool share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) bell: Bell,
    /// How many lanes have a worker, or could have one.
    pub(super) healthy: AtomicUsize,
    is_terminated: AtomicBool,
}

impl Shared {
    pub(super) fn new(options: Options, workers: usize) -> Self {
        Shared {
            options,
            bell: Bell::default(),
            healthy: AtomicUsize::new(workers),
            is_terminated: AtomicBool::new(false),
        }
    }

    /// Tells all lanes to kill their workers.
    pub(super) fn terminate(&self) {
        self.is_terminated.store(true, Ordering::Release);
        self.bell.ring();
    }

    pub(super) fn is_terminated(&self) -> bool {
        self.is_terminated.load(Ordering::Acquire)
    }
}

/// Wakes every lane that waits for its worker, because some task was cancelled.
///
/// A lane listens to one end of a pair of sockets, while it waits for its worker's answers. To ring
/// is to close the other end. Whoever listens next gets a new pair.
#[derive(Debug, Default)]
pub(super) struct Bell(Mutex<Option<(UnixStream, Arc<UnixStream>)>>);

impl Bell {
    fn pair(&self) -> MutexGuard<'_, Option<(UnixStream, Arc<UnixStream>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ring(&self) {
        *self.pair() = None;
    }

    /// A stream that ends when the bell rings next. Look at what it may have rung for only after
    /// this call.
    ///
    /// # Errors
    ///
    /// If the system has no more open files to give.
    pub(super) fn listen(&self) -> io::Result<Arc<UnixStream>> {
        let mut pair = self.pair();
        if let Some((_, theirs)) = &*pair {
            return Ok(Arc::clone(theirs));
        }
        let (ours, theirs) = UnixStream::pair()?;
        let theirs = Arc::new(theirs);
        *pair = Some((ours, Arc::clone(&theirs)));
        Ok(theirs)
    }
}
