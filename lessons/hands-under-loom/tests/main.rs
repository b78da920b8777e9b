//! The smallest programs that use the library, under every schedule that makes a difference, and
//! with all that the memory model allows. And bugs that are put in, one at a time: each must be
//! found.
//!
//!     cargo test -p hands-under-loom             # says how many schedules there are
//!     EVERY=1 cargo test -p hands-under-loom     # of the larger programs, too: that takes minutes
//!
//! What can't be tried here: crossbeam's channels, for which `lessons/hands/src/sync/channel.rs`
//! stands; deadlines and `join_timeout`, since loom's `Condvar` knows no time limit; what is behind
//! a lock of the standard library, such as the timeline's recording; and processes. Besides, loom
//! takes `SeqCst` for `AcqRel`, except in a fence, and its `try_lock` waits if another thread takes
//! the lock just then (<https://github.com/tokio-rs/loom/issues/376>). So `two_locks` has no more
//! than two threads, and no lock that comes and goes in between.

mod scenarios;

use std::env;

use hands_under_loom::panics;
use libtest_mimic::{Arguments, Trial};
use mutations::{LOOM, Mutation, SHUTTLE, Scenario};
use schedules::every;

use scenarios::{LARGER, SMALL};

/// How often a thread that could go on is interrupted, at most, in the larger programs.
const INTERRUPTIONS: usize = 3;

fn main() {
    let mut trials = Vec::new();
    for (scenarios, is_small) in [(SMALL, true), (LARGER, false)] {
        for scenario in scenarios {
            trials.push(Trial::test(scenario.name, move || {
                let count = scenario.check(|program| check(program, is_small))?;
                println!("{}: {count} schedules", scenario.name);
                Ok(())
            }));
        }
        for bug in bugs_for(scenarios) {
            trials.push(Trial::test(bug.what, move || {
                bug.must_be_found(scenarios, |program| check(program, is_small))?;
                Ok(())
            }));
        }
    }
    // The usual main of a test would take the hook for panics at its end. That's no longer possible
    // once loom has found something: `schedules` holds its thread in there.
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Those for loom, and those for shuttle for which there is a program of the same name.
fn bugs_for(scenarios: &[Scenario]) -> impl Iterator<Item = &'static Mutation> {
    let is_for = |bug: &&Mutation| scenarios.iter().any(|it| it.name == bug.scenario);
    LOOM.iter().chain(SHUTTLE).filter(is_for)
}

/// Has loom run a program, and returns under how many schedules. The error is what went wrong.
fn check(program: Box<dyn Fn() + Send + Sync>, is_small: bool) -> Result<usize, String> {
    // The library's own hook for panics comes first, for the same reason.
    let _ = panics::catch(|| ());
    let result = if is_small || env::var_os("EVERY").is_some() {
        every::check(program)
    } else {
        every::check_with(INTERRUPTIONS, program)
    };
    result.map_err(|(_, panicked)| panicked.message)
}
