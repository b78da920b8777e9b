//! Ctrl-C, which cancels a token.

use std::process::{self, ExitCode};

use hands::cancel::Token;
use hands::println;

use crate::download::Stages;

/// The exit code by which a shell knows that Ctrl-C ended a program.
const STOPPED: u8 = 130;

// ANCHOR: stop
/// The first Ctrl-C cancels `stop`, and says so above the progress bars. The second one ends the
/// program at once.
pub(crate) fn cancel_at_ctrl_c(stop: &Token, stages: &Stages) -> Result<(), ctrlc::Error> {
    let (stop, stages) = (stop.clone(), stages.clone());
    ctrlc::set_handler(move || {
        if stop.is_cancelled() {
            process::exit(i32::from(STOPPED));
        }
        stages.line("Stopping once everything that has begun is done (Ctrl-C again: at once)");
        stop.cancel();
    })
}
// ANCHOR_END: stop

/// Says that the run was stopped before its end, and how many links are `left` if that's known.
/// Returns what the program should exit with: 130, as if Ctrl-C had ended it.
pub fn stopped(left: Option<usize>) -> ExitCode {
    match left {
        Some(left) => println!("Stopped with {left} link(s) left: run again to go on."),
        None => println!("Stopped before the last link: run again to go on."),
    }
    ExitCode::from(STOPPED)
}
