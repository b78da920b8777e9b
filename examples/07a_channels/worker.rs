//! A worker has a band of the plate, and a neighbour above and below it.

use crossbeam::channel::{self, Receiver, Sender};
use hands::timeline::span;
use heat::Band;

// ANCHOR: neighbour
/// A border as one side sees it: a channel to the worker beyond it, and one from there.
pub(crate) struct Neighbour {
    tell: Sender<Vec<f64>>,
    hear: Receiver<Vec<f64>>,
}

pub(crate) fn pair() -> (Option<Neighbour>, Option<Neighbour>) {
    let (down, from_above) = channel::bounded(1);
    let (up, from_below) = channel::bounded(1);
    let upper = Neighbour { tell: down, hear: from_below };
    let lower = Neighbour { tell: up, hear: from_above };
    (Some(upper), Some(lower))
}
// ANCHOR_END: neighbour

// ANCHOR: work
pub(crate) fn work(
    mut band: Band,
    above: Option<Neighbour>,
    below: Option<Neighbour>,
    steps: usize,
) -> anyhow::Result<Band> {
    for step in 1..=steps {
        let computing = span(format!("step {step}"));
        band.advance();
        drop(computing);
        // All of them tell before they hear, so none waits for one that is waiting.
        if let Some(above) = &above {
            above.tell.send(band.first_row().to_vec())?;
        }
        if let Some(below) = &below {
            below.tell.send(band.last_row().to_vec())?;
        }
        if let Some(above) = &above {
            band.above = above.hear.recv()?;
        }
        if let Some(below) = &below {
            band.below = below.hear.recv()?;
        }
    }
    Ok(band)
}
// ANCHOR_END: work
