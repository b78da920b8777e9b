//! What goes wrong becomes a value. Shuttle and loom print it on standard error; here, that is up
//! to the caller.

use std::cell::RefCell;
use std::sync::Once;
use std::sync::mpsc::{self, Sender};
use std::{panic, thread};

use hands::panics::{self, Panicked};
use shuttle::scheduler::DfsScheduler;
use shuttle::{Config, Runner};

/// Runs `f`, and returns its panic as an error. Nothing is printed.
///
/// # Errors
///
/// If `f` panics.
pub fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Panicked> {
    install_shuttles_hook();
    panics::catch(f)
}

/// Shuttle's first run installs a hook that prints every panic. Other hooks must come later.
fn install_shuttles_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        Runner::new(DfsScheduler::new(Some(1), false), Config::new()).run(|| ());
    });
}

thread_local! {
    static REPORT: RefCell<Option<Sender<Option<Panicked>>>> = const { RefCell::new(None) };
}

/// Runs `f` on a thread of its own, and returns its first panic as an error. That thread then stays
/// where it is, for ever: loom's locks panic once more when they are dropped after a failure, and a
/// panic during a panic ends the program. It stays in the hook for panics, so nobody can install
/// another one from then on: whoever tries waits for ever, too.
pub(crate) fn first_panic(f: impl FnOnce() + Send + 'static) -> Result<(), Panicked> {
    static HOOK: Once = Once::new();
    install_shuttles_hook();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let Some(report) = REPORT.take() else { return before(info) };
            let text = info.payload().downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| info.payload().downcast_ref::<&str>().copied());
            let message = text.unwrap_or("a panic").to_owned();
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let _ = report.send(Some(Panicked { message, place })); // somebody waits for it
            loop {
                thread::park();
            }
        }));
    });
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        REPORT.set(Some(tell.clone()));
        f();
        let _ = tell.send(None); // somebody waits for it
    });
    match told.recv() {
        Ok(None) => Ok(()),
        Ok(Some(panicked)) => Err(panicked),
        Err(_) => unreachable!("it says how it ends"),
    }
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
