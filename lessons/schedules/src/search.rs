//! Looks for schedules that break a program, and runs one of them again.

use std::time::{Duration, Instant};

use hands::panics::Panicked;
use hands::timeline::Trace;
use shuttle::{Config, FailurePersistence, Runner};

use crate::catch::{catch, quietly};
use crate::log;
use crate::schedule::Schedule;
use crate::scheduler::Chooser;

/// What a search has found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The number of the first schedule that broke the program, counted from 1.
    pub first: usize,
    /// How long it took to find that one.
    pub after: Duration,
    /// How many schedules broke it.
    pub failed: usize,
    /// The shortest of them: the one with the fewest operations on shared variables.
    pub shortest: Failed,
}

/// A schedule that breaks a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    /// What went wrong.
    pub reason: Panicked,
    /// Which thread went on at each step.
    pub schedule: Schedule,
    /// What each of them did.
    pub trace: Trace,
}

/// Runs a program under this many schedules of shuttle, chosen at random from this seed.
/// `None` means that none of them breaks it.
///
/// While it runs, what the whole process writes to standard error is lost, because shuttle prints
/// there what this returns.
pub fn search(
    program: impl Fn() + Clone + Send + Sync + 'static,
    seed: u64,
    schedules: usize,
) -> Option<Found> {
    let start = Instant::now();
    let chooser = Chooser::random(seed, schedules);
    let mut found: Option<Found> = None;
    while let Some(new) = run(program.clone(), &chooser) {
        let (first, after) = (chooser.begun(), start.elapsed());
        let before =
            found.take().unwrap_or(Found { first, after, failed: 0, shortest: new.clone() });
        let shortest =
            if new.trace.end() < before.shortest.trace.end() { new } else { before.shortest };
        found = Some(Found { failed: before.failed + 1, shortest, ..before });
    }
    found
}

/// Runs a program once, under a schedule that [`search`] has found. If the program has changed
/// since then, and a thread can't go on whose turn it is, the first that can does.
pub fn replay(program: impl Fn() + Send + Sync + 'static, schedule: &Schedule) -> Option<Failed> {
    run(program, &Chooser::replay(schedule.clone()))
}

/// Goes on until a schedule breaks the program, or there are no more.
fn run(program: impl Fn() + Send + Sync + 'static, chooser: &Chooser) -> Option<Failed> {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    let runner = Runner::new(chooser.clone(), config);
    let result = quietly(|| catch(|| runner.run(program)));
    let trace = log::end("a schedule");
    let mut reason = result.err()?;
    if reason.message.starts_with("deadlock!") {
        "a deadlock".clone_into(&mut reason.message);
    }
    Some(Failed { reason, schedule: chooser.schedule(), trace })
}
