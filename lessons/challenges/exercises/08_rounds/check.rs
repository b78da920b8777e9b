//! A pool, played through: each link goes to the worker that is free first.

use std::time::Duration;

use answer::time;
use challenges::{Judged, check, require};

challenges::answer!("../../../../challenges/08_rounds.rs");

const PAGE: &str = "08_downloader.md#one-by-one-then-eight";

fn main() {
    check("08_rounds", |check| {
        check.part("one by one", || (1..=3).try_for_each(|links| is_right(links, 1, 200)))?;
        check.part("many wait at the same time", || {
            [(12, 12), (64, 8), (12, 4)].into_iter().try_for_each(|(l, w)| is_right(l, w, 200))
        })?;
        check.part("a round that isn't full, idle workers, nothing to do", || {
            let odd = [(12, 8), (13, 4), (1, 8), (12, 24), (0, 8), (1001, 7)];
            odd.into_iter().try_for_each(|(links, workers)| is_right(links, workers, 35))
        })
    })
}

fn is_right(links: usize, workers: usize, latency: u64) -> Judged {
    let latency = Duration::from_millis(latency);
    let expected = play(links, workers, latency);
    let seen = time(links, workers, latency);
    let s = |n| if n == 1 { "" } else { "s" };
    require(
        seen == expected,
        format!(
            "{expected:?} for {links} link{} of {latency:?} each, with {workers} worker{}",
            s(links),
            s(workers)
        ),
        match seen {
            _ if seen > expected => format!("{seen:?}: don't they wait at the same time?"),
            _ if !seen.as_nanos().is_multiple_of(latency.as_nanos()) => {
                format!("{seen:?}: workers can't share the wait for one answer")
            }
            _ => format!("{seen:?}: the last round isn't full, but takes as long as the others"),
        },
        PAGE,
    )
}

/// When the last worker is free again.
fn play(links: usize, workers: usize, latency: Duration) -> Duration {
    let mut free = vec![Duration::ZERO; workers];
    for _ in 0..links {
        let first = free.iter_mut().min().expect("there is a worker");
        *first += latency;
    }
    free.into_iter().max().expect("there is a worker")
}
