//! What goes wrong becomes a value. Shuttle and loom tell of it on standard error; here, the caller
//! does.

use std::sync::Once;

use hands::panics;
use shuttle::scheduler::DfsScheduler;
use shuttle::{Config, Runner};

/// Runs `f`, and returns the message of its panic as an error. Nothing is printed.
///
/// # Errors
///
/// If `f` panics.
pub fn catch<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    // Shuttle's first run installs a hook that prints every panic. That of `hands` must come later.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        Runner::new(DfsScheduler::new(Some(1), false), Config::new()).run(|| ());
    });
    panics::catch(f).map_err(|panicked| panicked.message)
}

/// Runs `f` while standard error leads nowhere.
#[cfg(unix)]
pub(crate) fn quietly<T>(f: impl FnOnce() -> T) -> T {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};

    use rustix::stdio;

    /// Puts standard error back, also if `f` panics.
    struct Back(OwnedFd);

    impl Drop for Back {
        fn drop(&mut self) {
            let _ = stdio::dup2_stderr(&self.0); // as it was: there is room for it
        }
    }

    let back = io::stderr().as_fd().try_clone_to_owned().map(Back);
    if back.is_ok()
        && let Ok(nowhere) = File::options().write(true).open("/dev/null")
    {
        let _ = stdio::dup2_stderr(nowhere);
    }
    f()
}

/// Runs `f`.
#[cfg(not(unix))]
pub(crate) fn quietly<T>(f: impl FnOnce() -> T) -> T {
    f()
}
