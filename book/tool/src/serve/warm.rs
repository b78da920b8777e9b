//! Builds the steps while the reader still reads, so that the first Run doesn't have to.

use std::process::Stdio;
use std::sync::Arc;
use std::thread;

use harness::{Child, HANGS};

use super::book::Book;
use crate::record;

/// Builds one step after the other, until all are built or the reader runs something: then cargo's
/// lock is theirs, and what is built so far is there to be used.
pub(super) fn up(book: Arc<Book>) {
    thread::spawn(move || {
        let Ok(recordings) = record::recordings(&book.root) else { return };
        let mut built = Vec::new();
        for recording in &recordings {
            let Some(step) = recording.step().filter(|step| !built.contains(step)) else {
                continue;
            };
            built.push(step);
            let mut command = harness::cargo();
            command.current_dir(&book.root).args(["build", "--quiet", "--example", step]);
            let features = harness::features(step);
            command.args(features.iter().flat_map(|feature| ["--features", feature]));
            command.args(recording.release.then_some("--release"));
            command.stdout(Stdio::null()).stderr(Stdio::null());
            let Ok(mut cargo) = Child::start(&mut command) else { return };
            if !book.warms(Some(cargo.pid())) {
                return; // dropping it ends it
            }
            cargo.wait(HANGS).ok();
            book.warms(None);
        }
    });
}
