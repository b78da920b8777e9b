//! The test that one would write: again and again, with real threads.

use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

/// A run that takes longer than this has come to a halt.
const PATIENCE: Duration = Duration::from_millis(500);

// ANCHOR: stress
/// How many of these runs failed.
pub(crate) fn stress(program: fn(bool), runs: usize) -> usize {
    let (mut done, mut failed) = (0, 0);
    while done < runs {
        let (tell, told) = mpsc::channel();
        let left = runs - done;
        thread::spawn(move || repeat(program, left, &tell));
        // After a deadlock its thread is left where it is, and another one goes on.
        while let Ok(is_fine) = told.recv_timeout(PATIENCE) {
            done += 1;
            failed += usize::from(!is_fine);
        }
        if done < runs {
            done += 1;
            failed += 1;
        }
    }
    failed
}

fn repeat(program: fn(bool), runs: usize, tell: &Sender<bool>) {
    for _ in 0..runs {
        let is_fine = schedules::catch(|| program(false)).is_ok();
        let _ = tell.send(is_fine); // nobody listens any more if it took too long
    }
}
// ANCHOR_END: stress
