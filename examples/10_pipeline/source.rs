//! Where the links come from, until they end or Ctrl-C comes.

use crossbeam::channel::{Sender, select_biased};
use hands::cancel::Token;
use pictures::download::{LinkStream, LinksError, Visit};

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
// ANCHOR_END: source
