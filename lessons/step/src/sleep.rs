//! The task of the first steps: it sleeps.

use std::thread;
use std::time::Duration;

use hands::println;
use hands::timeline::span;

/// Sleeps, and says so twice: the task of step 01, which spells it out.
pub fn do_something(time: Duration) {
    sleep(time);
    println!("Done sleeping");
}

/// Sleeps, says so before it does, and records it: the first half of the task of step 03, which
/// spells it out.
pub fn sleep(time: Duration) {
    let seconds = time.as_secs_f64();
    let _span = span(format!("sleep {seconds}"));
    println!("Sleeping {seconds} second(s)...");
    thread::sleep(time);
}
