//@ refused: can't share the wait
// All the waiting, divided by those who do it: as if two could wait half as long for one answer.

use std::time::Duration;

pub fn time(links: usize, workers: usize, latency: Duration) -> Duration {
    latency * links as u32 / workers as u32
}
