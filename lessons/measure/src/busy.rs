//! Did the work get the cores that it could have used?

use std::fmt;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::Usage;

/// What a run says if other programs have disturbed it. The tool that records runs looks for this
/// text.
pub const BUSY: &str = "this machine is busy: do not trust this run";

/// Work that computes all the time counts as disturbed if it got less than this share of the cores
/// that it could have used. On a quiet machine it gets 97 % or more.
const ENOUGH: f64 = 0.8;

/// A shorter run may be over before the system gives a new thread its first turn, so it proves
/// nothing.
const SHORT: Duration = Duration::from_millis(50);

/// A run that computed all the time and didn't get the cores for it: other programs use this
/// machine.
///
/// ```
/// use std::time::Duration;
/// use measure::{BUSY, Busy, Usage};
///
/// let second = Duration::from_secs(1);
/// let usage = Usage { real: 2 * second, user: second, ..Usage::default() };
/// let busy = Busy::detect("one by one", &usage, 2 * second).expect("half of a core is too little");
/// assert!(busy.to_string().starts_with(BUSY));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Busy {
    run: String,
    /// How many cores it got, and how many it could have used, on average.
    had: f64,
    could_use: f64,
}

impl Busy {
    /// Compares the time that all workers together spent in tasks with the time that the processors
    /// spent on the run. Returns `None` if the two agree, or if the run was too short to tell.
    pub fn detect(run: impl Into<String>, usage: &Usage, in_tasks: Duration) -> Option<Busy> {
        let cores = available_parallelism().map_or(1, |cores| cores.get());
        Busy::on(cores, run.into(), usage, in_tasks)
    }

    fn on(cores: usize, run: String, usage: &Usage, in_tasks: Duration) -> Option<Busy> {
        if usage.real < SHORT {
            return None;
        }
        let on_average = |time: Duration| time.as_secs_f64() / usage.real.as_secs_f64();
        let could_use = on_average(in_tasks).min(cores as f64);
        let had = on_average(usage.user + usage.system);
        (had < ENOUGH * could_use).then_some(Busy { run, had, could_use })
    }

    /// Which of the two was disturbed more.
    pub(crate) fn worse(self, other: Busy) -> Busy {
        let share = |busy: &Busy| busy.had / busy.could_use;
        if share(&other) < share(&self) { other } else { self }
    }
}

/// Says how busy the machine was, and what to do about it.
impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Busy { run, had, could_use } = self;
        write!(
            f,
            "{BUSY}. It got {had:.1} of the {could_use:.1} cores that {run} could have used; run it \
             again when nothing else is computing here"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn busy(cores: usize, real: u64, computed: u64, in_tasks: u64) -> Option<Busy> {
        let usage = Usage { real: ms(real), user: ms(computed), system: ms(0), ..Usage::default() };
        Busy::on(cores, "a run".to_owned(), &usage, ms(in_tasks))
    }

    #[test]
    fn who_has_all_the_cores_that_it_can_use_is_not_disturbed() {
        assert_eq!(busy(2, 1000, 980, 1000), None, "one worker");
        assert_eq!(busy(2, 1000, 1900, 2000), None, "two");
        assert_eq!(busy(2, 1000, 1900, 4000), None, "four take turns on two cores");
        assert_eq!(busy(2, 1000, 500, 500), None, "nobody had a task for half of the time");
        assert_eq!(busy(1, 1000, 980, 4000), None, "it may use one core");
    }

    #[test]
    fn who_shares_its_cores_is_disturbed() {
        let said = busy(2, 1000, 500, 1000).unwrap().to_string();
        assert!(said.contains("It got 0.5 of the 1.0 cores"), "{said}");
        assert!(busy(2, 1000, 1300, 2000).is_some(), "one of its two cores is shared");
        assert!(busy(2, 1000, 1300, 4000).is_some());
        assert_eq!(busy(2, 40, 10, 40), None, "too short to tell");
    }

    #[test]
    fn the_worse_of_two_is_kept() {
        let (half, tenth) = (busy(1, 1000, 500, 1000), busy(1, 1000, 100, 1000));
        let (half, tenth) = (half.unwrap(), tenth.unwrap());
        assert_eq!(half.clone().worse(tenth.clone()), tenth);
        assert_eq!(tenth.clone().worse(half), tenth);
    }
}
