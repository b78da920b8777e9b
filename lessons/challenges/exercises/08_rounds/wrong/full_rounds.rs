//@ refused: the last round
// Only the full rounds: nobody does what is left.

use std::time::Duration;

pub fn time(links: usize, workers: usize, latency: Duration) -> Duration {
    latency * (links / workers) as u32
}
