//! Ctrl-C, and the signal that systemd and others send instead.

use std::process;

/// The exit code of a program that Ctrl-C ended, as shells count it.
const STOPPED: i32 = 130;

/// At the first SIGINT or SIGTERM this says so and calls `stop`. The second one ends the program at
/// once.
pub(crate) async fn stop_at_signals(note: impl Fn(&str), stop: impl FnOnce()) {
    let Ok(mut signals) = Signals::new() else { return };
    signals.next().await;
    note("Stopping when what was begun is done (again: at once)");
    stop();
    signals.next().await;
    process::exit(STOPPED);
}

#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => (),
            _ = self.1.recv() => (),
        }
    }
}

#[cfg(not(unix))]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Signals(tokio::signal::windows::ctrl_c()?))
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
