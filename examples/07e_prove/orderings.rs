//! A flag says that a value is ready. Which order of the two stores may another thread see?

use anyhow::{Context, ensure};
use hands::println;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use loom::thread;

// ANCHOR: flag
fn publish(store: Ordering, load: Ordering) {
    let shared = Arc::new((AtomicU32::new(0), AtomicBool::new(false)));
    let theirs = Arc::clone(&shared);
    let writer = thread::spawn(move || {
        let (data, is_ready) = &*theirs;
        data.store(42, Ordering::Relaxed);
        is_ready.store(true, store);
    });
    let (data, is_ready) = &*shared;
    if is_ready.load(load) {
        assert_eq!(data.load(Ordering::Relaxed), 42, "ready, and the value is still the old one");
    }
    writer.join().unwrap();
}
// ANCHOR_END: flag

/// Lets loom try what the memory model allows.
pub(crate) fn flag() -> anyhow::Result<()> {
    use Ordering::{Acquire, Relaxed, Release};
    println!("Orderings: a flag says that a value is ready");
    let broken = schedules::every::check(|| publish(Relaxed, Relaxed));
    let (tried, reason) = broken.err().context("loom lets Relaxed pass")?;
    let reason =
        reason.message.lines().find_map(|line| line.split_once("failed: ")).map_or("", |it| it.1);
    println!("  store Relaxed, load Relaxed: loom fails in schedule {tried}, {reason}");
    for (store, load) in [(Release, Relaxed), (Relaxed, Acquire)] {
        ensure!(schedules::every::check(move || publish(store, load)).is_err(), "half is enough");
        println!("  store {store:?}, load {load:?}: loom fails, too");
    }
    let fixed = schedules::every::check(|| publish(Release, Acquire));
    let count = fixed.map_err(|(_, reason)| anyhow::Error::msg(reason))?;
    println!("  store Release, load Acquire: {count} schedules, and none fails\n");
    Ok(())
}
