//! Where the links come from, until they end or Ctrl-C comes.

use std::convert::Infallible;
use std::process;

use anyhow::Result;
use crossbeam::channel::{Receiver, Sender, bounded, select_biased};
use pictures::download::{LinkStream, LinksError, Stages, Visit};

use crate::stage::Passed;

// ANCHOR: source
/// Hands out one link after another, as they are wanted. False if Ctrl-C came before the last.
pub(crate) fn give_each(
    links: &mut LinkStream,
    first: Sender<Passed<Visit>>,
    stopped: Receiver<Infallible>,
) -> Result<bool, LinksError> {
    for link in links {
        let visit = Ok(Visit::begin(link?));
        select_biased! {
            recv(stopped) -> _ => return Ok(false),
            send(first, visit) -> sent => if sent.is_err() { return Ok(false) },
        }
    }
    Ok(true)
}

/// A channel that closes at the first Ctrl-C. The second one ends the program at once.
pub(crate) fn stop_at_ctrl_c(stages: Stages) -> Result<Receiver<Infallible>> {
    let (sender, stopped) = bounded(0);
    let mut sender = Some(sender);
    ctrlc::set_handler(move || match sender.take() {
        Some(_closed) => {
            stages.line("Stopping once everything that has begun is done (Ctrl-C again: at once)")
        }
        None => process::exit(i32::from(STOPPED)),
    })?;
    Ok(stopped)
}

/// The exit code by which a shell knows that Ctrl-C ended a program.
pub(crate) const STOPPED: u8 = 130;
// ANCHOR_END: source
