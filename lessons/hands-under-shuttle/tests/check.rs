//! Runs a program under many schedules.

use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Once};

use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};

/// How many schedules a scenario gets from each of the two schedulers.
pub(crate) fn schedules() -> usize {
    env::var("SCHEDULES").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000)
}

const SEED: u64 = 18;
/// In how many places PCT changes a priority.
const DEPTH: usize = 3;

/// Runs it under this many schedules of each kind. The error is what went wrong under one of them.
pub(crate) fn check(schedules: usize, program: Box<dyn Fn() + Send + Sync>) -> Result<(), String> {
    be_quiet();
    let program = Arc::new(program);
    let schedulers: [Box<dyn Scheduler + Send>; 2] = [
        Box::new(RandomScheduler::new_from_seed(SEED, schedules)),
        Box::new(PctScheduler::new_from_seed(SEED, DEPTH, schedules)),
    ];
    for scheduler in schedulers {
        let mut config = Config::new();
        config.failure_persistence = FailurePersistence::None;
        let program = Arc::clone(&program);
        let runner = Runner::new(scheduler, config);
        let result = panic::catch_unwind(AssertUnwindSafe(|| runner.run(move || program())));
        result.map_err(|payload| {
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()));
            text.unwrap_or_default()
        })?;
    }
    Ok(())
}

/// Shuttle's hook prints each panic, and the bugs that are put in make many.
fn be_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        Runner::new(RandomScheduler::new_from_seed(0, 1), Config::new()).run(|| ());
        panic::set_hook(Box::new(|_| {}));
    });
}
