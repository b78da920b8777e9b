//! Where the links come from, until they end or Ctrl-C comes.

use std::process;

use anyhow::Result;
use crossbeam::channel::{Sender, select_biased};
use hands::cancel::Token;
use pictures::download::{LinkStream, LinksError, Stages, Visit};

use crate::stage::Passed;

// ANCHOR: source
/// Hands out one link after another, as they are wanted. False if Ctrl-C came before the last.
pub(crate) fn give_each(
    links: &mut LinkStream,
    first: Sender<Passed<Visit>>,
    stop: &Token,
) -> Result<bool, LinksError> {
    for link in links {
        let visit = Ok(Visit::begin(link?));
        select_biased! {
            recv(stop.channel()) -> _ => return Ok(false),
            send(first, visit) -> sent => if sent.is_err() { return Ok(false) },
        }
    }
    Ok(true)
}

/// A token that the first Ctrl-C cancels. The second one ends the program at once.
pub(crate) fn stop_at_ctrl_c(stages: Stages) -> Result<Token> {
    let token = Token::new();
    let stop = token.clone();
    ctrlc::set_handler(move || {
        if stop.is_cancelled() {
            process::exit(i32::from(STOPPED));
        }
        stages.line("Stopping once everything that has begun is done (Ctrl-C again: at once)");
        stop.cancel();
    })?;
    Ok(token)
}

/// The exit code by which a shell knows that Ctrl-C ended a program.
pub(crate) const STOPPED: u8 = 130;
// ANCHOR_END: source
