// Rounds of waiting.
//
// For each link a server is asked, and its answer takes `latency`; everything else takes no time. How long does a pool
// of `workers` need for so many links?

use std::time::Duration;

pub fn time(links: usize, workers: usize, latency: Duration) -> Duration {
    todo!("{links} links, {workers} workers, {latency:?} each")
}
