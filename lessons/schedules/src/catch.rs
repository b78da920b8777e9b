//! What goes wrong becomes a value. Shuttle and loom tell of it on standard error; here, the caller
//! does.

use std::cell::RefCell;
use std::sync::Once;
use std::sync::mpsc::{self, Sender};
use std::{panic, thread};

use hands::panics;
use shuttle::scheduler::DfsScheduler;
use shuttle::{Config, Runner};

/// Runs `f`, and returns the message of its panic as an error. Nothing is printed.
///
/// # Errors
///
/// If `f` panics.
pub fn catch<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    install_shuttles_hook();
    panics::catch(f).map_err(|panicked| panicked.message)
}

/// Shuttle's first run installs a hook that prints every panic. Other hooks must come later.
fn install_shuttles_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        Runner::new(DfsScheduler::new(Some(1), false), Config::new()).run(|| ());
    });
}

thread_local! {
    static REPORT: RefCell<Option<Sender<Option<String>>>> = const { RefCell::new(None) };
}

/// Runs `f` on a thread of its own, and returns the message of its first panic as an error. That
/// thread then stays where it is, for ever: loom's locks panic once more when they are dropped after
/// a failure, and a panic during a panic ends the program.
pub(crate) fn first_panic(f: impl FnOnce() + Send + 'static) -> Result<(), String> {
    static HOOK: Once = Once::new();
    install_shuttles_hook();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let Some(report) = REPORT.take() else { return before(info) };
            let text = info.payload().downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| info.payload().downcast_ref::<&str>().copied());
            let _ = report.send(Some(text.unwrap_or("a panic").to_owned()));
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
        Ok(Some(reason)) => Err(reason),
        Ok(None) => Ok(()),
        Err(_) => Err("it ended without a word".to_owned()),
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
