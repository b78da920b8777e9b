//! Ctrl-C, and the signal that systemd and others send instead.

use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The exit code of a program that Ctrl-C ended, as shells count it.
const STOPPED: i32 = 130;

/// At the first SIGINT or SIGTERM this says so and calls `stop`. The second one ends the program at
/// once.
pub(crate) async fn stop_at_signals(note: impl Fn(&str), stop: impl FnOnce()) {
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate)] = signals else { return };
    either(&mut interrupt, &mut terminate).await;
    note("Stopping once everything that has begun is done (Ctrl-C again: at once)");
    stop();
    either(&mut interrupt, &mut terminate).await;
    process::exit(STOPPED);
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => (),
        _ = other.recv() => (),
    }
}
