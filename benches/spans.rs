//! What a timeline costs: a span while nothing is recorded, and while something is; with the
//! readings of the clocks that are part of it, to compare.
//!
//!     cargo bench --bench spans

use std::hint::black_box;
use std::time::Instant;

use benches::{Compared, Rounds, seconds};
use hands::println;
use hands::timeline::{Mutex, Timeline, span, thread_time};

/// As many as a timeline keeps: the rest would only be counted.
const EACH: usize = hands::timeline::LIMIT;
const ROUNDS: usize = 5;

fn main() -> anyhow::Result<()> {
    let lock = Mutex::new("a lock", 0);
    let plain = std::sync::Mutex::new(0);
    let measured = Rounds::new()
        .way("the clock on the wall", || {
            each(|| {
                black_box(Instant::now());
            })
        })
        .way("the thread's own clock", || {
            each(|| {
                black_box(thread_time());
            })
        })
        .way("a span that nobody records", || each(|| drop(span("span"))))
        .way("a span that is recorded", || {
            let timeline = Timeline::start("spans");
            let time = each(|| drop(span("span")));
            anyhow::ensure!(timeline.stop().spans().len() == EACH, "not all were recorded");
            time
        })
        .way("the standard library's Mutex", || each(|| *plain.lock().expect("nobody panics") += 1))
        .way("the timeline's Mutex", || each(|| *lock.lock().expect("nobody panics") += 1))
        .run(ROUNDS)?;
    println!("one of {EACH}");
    println!("{}", measured.table(Compared::Longer { than: 0 }));
    Ok(())
}

/// How long one takes, in seconds.
fn each(work: impl Fn()) -> anyhow::Result<f64> {
    let all = || {
        (0..EACH).for_each(|_| work());
        Ok(())
    };
    Ok(seconds(&(), all)? / EACH as f64)
}
