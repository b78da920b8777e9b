//! Runs a scenario under many schedules.

use std::collections::BTreeSet;
use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, Once, PoisonError};

use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};

use hands_scheduled::mutants;

/// A small program that uses the library, and what must have been seen under some schedule:
/// otherwise it doesn't test what it is meant to test.
pub struct Scenario {
    pub name: &'static str,
    pub run: fn(&Seen),
    pub sees: &'static [&'static str],
}

/// What was seen, under all schedules together.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<BTreeSet<&'static str>>>);

impl Seen {
    pub fn note(&self, what: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(what);
    }

    pub fn has(&self, what: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(what)
    }
}

/// How many schedules each scenario gets from each of the two schedulers.
fn schedules() -> usize {
    env::var("SCHEDULES").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000)
}

const SEED: u64 = 18;
/// In how many places PCT changes a priority.
const DEPTH: usize = 3;

/// Runs it as often as the gate asks for. The error is what went wrong.
pub fn check(scenario: &Scenario) -> Result<Seen, String> {
    let seen = Seen::default();
    for scheduler in schedulers(schedules()) {
        run(scenario, scheduler, &seen)?;
    }
    Ok(seen)
}

/// Runs it with a bug in it. The error says how the bug was found.
pub fn check_mutant(scenario: &Scenario, mutant: &'static str) -> Result<(), String> {
    mutants::set(mutant);
    let seen = Seen::default();
    let result =
        schedulers(1_000).into_iter().try_for_each(|scheduler| run(scenario, scheduler, &seen));
    mutants::set("");
    result.and_then(|()| expect_all(scenario, &seen))
}

/// Whether everything was seen that must be.
pub fn expect_all(scenario: &Scenario, seen: &Seen) -> Result<(), String> {
    match scenario.sees.iter().find(|what| !seen.has(what)) {
        Some(what) => Err(format!("{}: under no schedule {what}", scenario.name)),
        None => Ok(()),
    }
}

fn schedulers(schedules: usize) -> [Box<dyn Scheduler + Send>; 2] {
    [
        Box::new(RandomScheduler::new_from_seed(SEED, schedules)),
        Box::new(PctScheduler::new_from_seed(SEED, DEPTH, schedules)),
    ]
}

fn run(
    scenario: &Scenario,
    scheduler: Box<dyn Scheduler + Send>,
    seen: &Seen,
) -> Result<(), String> {
    be_quiet();
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    let (run, seen) = (scenario.run, seen.clone());
    let runner = Runner::new(scheduler, config);
    let result = panic::catch_unwind(AssertUnwindSafe(|| runner.run(move || run(&seen))));
    result.map(drop).map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        format!("{}: {}", scenario.name, text.unwrap_or_default())
    })
}

/// Shuttle's hook prints each panic, and the bugs that are put in make many.
fn be_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        Runner::new(RandomScheduler::new_from_seed(0, 1), Config::new()).run(|| ());
        panic::set_hook(Box::new(|_| {}));
    });
}
