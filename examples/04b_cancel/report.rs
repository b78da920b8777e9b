//! Has each of the three calls made, in a section of its own, and says how it ended.

use std::thread;
use std::time::Duration;

use hands::pool::{Handle, Outcome, TryError};
use hands::println;
use hands::process::ErrorText;
use step::Run;

use crate::tasks::{Counted, Nap};

// ANCHOR: failure
pub(crate) fn first_failure<F>(run: &Run, try_map: F)
where
    F: FnOnce() -> Result<Vec<String>, TryError<Nap, ErrorText>>,
{
    run.section("first failure");
    println!("The first failure ends the rest:");
    match try_map() {
        Ok(all) => println!("All {} have ended well", all.len()),
        Err(error) => println!("{error}"),
    }
}
// ANCHOR_END: failure

// ANCHOR: so_far
pub(crate) fn so_far<F>(run: &Run, mut naps: [Nap; 5], map_until: F)
where
    F: FnOnce([Nap; 5]) -> Vec<Outcome<Result<String, ErrorText>>>,
{
    run.section("deadline");
    naps[3].ends_badly = false;
    println!("Until the deadline, and no longer:");
    for (nap, outcome) in naps.iter().zip(map_until(naps)) {
        match outcome {
            Ok(Ok(done)) => println!("{done} {} second(s)", nap.time.as_secs_f64()),
            Ok(Err(why)) => println!("Stopped in its {} second(s): {why}", nap.time.as_secs_f64()),
            Err(error) => println!("It never began, or did not listen: {error}"),
        }
    }
}
// ANCHOR_END: so_far

// ANCHOR: one
pub(crate) fn one_task<F>(run: &Run, which: &str, unit: Duration, submit: F)
where
    F: FnOnce() -> Handle<Counted>,
{
    run.section(which);
    println!("{which}:");
    let task = submit();
    thread::sleep(unit);
    task.cancel();
    match task.join() {
        Ok(Ok(count)) => println!("It has counted to {count}"),
        Ok(Err(why)) => println!("It has listened: {why}"),
        Err(error) => println!("It was ended: {error}"),
    }
}
// ANCHOR_END: one
