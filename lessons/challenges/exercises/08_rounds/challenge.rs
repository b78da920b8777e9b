// Rounds of waiting.
//
// A server is asked for each link, and its answer takes `latency`. Everything else takes no time.
// How long does a pool of `workers` need for this many links?

use std::time::Duration;

pub fn time(links: usize, workers: usize, latency: Duration) -> Duration {
    todo!("{links} links, {workers} workers, {latency:?} each")
}
