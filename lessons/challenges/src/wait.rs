//! Waiting for what should happen by itself, and how others wait.

use std::process;
use std::sync::{Condvar, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use harness::{poll, switches_while_ready, thread_states};
use rustix::time::{ClockId, clock_gettime};

use crate::judge::sign_of_life;
use crate::ready::others_are_ready;

/// How long a check waits for something that takes next to no time, while nothing else happens.
/// Time in which others could go on, but may have had to wait for a core, doesn't count.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The longest that it waits, even if the others never rest.
const LONGEST: Duration = Duration::from_secs(30);

/// How long it waits before it looks at the others.
pub(crate) const LAP: Duration = Duration::from_millis(100);

/// Waits until something holds, and says whether it does. Gives up after [`PATIENCE`].
pub fn wait_until(mut holds: impl FnMut() -> bool) -> bool {
    let mut patience = Patience::default();
    loop {
        if poll(LAP, || holds().then_some(())).is_some() {
            return true;
        }
        if patience.is_over() {
            return false;
        }
    }
}

/// Waits for a change while something holds, and returns once it no longer does. Gives up after
/// [`PATIENCE`].
pub fn wait_while<'a, T>(
    changed: &Condvar,
    mut state: MutexGuard<'a, T>,
    mut holds: impl FnMut(&mut T) -> bool,
) -> MutexGuard<'a, T> {
    let mut patience = Patience::default();
    loop {
        let waited = changed.wait_timeout_while(state, LAP, &mut holds);
        let (now, timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
        state = now;
        if !timed_out.timed_out() || patience.is_over() {
            return state;
        }
    }
}

/// Gives one too many the time to come: a lap, and another one as long as somebody could go on but
/// may be waiting for a core. Gives up after [`PATIENCE`], because an answer may never rest, and
/// says whether the others do.
pub fn let_others_come(lap: Duration) -> bool {
    let began = Instant::now();
    loop {
        thread::sleep(lap);
        if !others_are_ready() {
            return true;
        }
        if began.elapsed() >= PATIENCE {
            return false;
        }
    }
}

/// What is left of [`PATIENCE`].
#[derive(Debug)]
pub(crate) struct Patience {
    quiet: Duration,
    began: Instant,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { quiet: Duration::ZERO, began: Instant::now() }
    }
}

impl Patience {
    /// Whether it's over, after another [`LAP`].
    pub(crate) fn is_over(&mut self) -> bool {
        if !others_are_ready() {
            self.quiet += LAP;
        }
        self.quiet >= PATIENCE || self.began.elapsed() >= LONGEST
    }
}

/// How much the other threads may compute until they are asleep.
const BUSY: Duration = Duration::from_millis(500);

/// How often they may be switched off their cores until they are asleep, although they could go on.
/// On a busy machine a loop that yields computes next to nothing, and is switched all the time.
const SWITCHES: u64 = 500;

/// Whether every other thread of this process is asleep, or soon will be. If the others compute for
/// half a second instead, or yield again and again, they wait in a busy loop. It counts processor
/// time and switches, so a busy machine doesn't matter. Only Linux says; elsewhere they always are.
pub fn others_sleep() -> bool {
    let computed = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
    let by_others =
        || computed(ClockId::ProcessCPUTime).saturating_sub(computed(ClockId::ThreadCPUTime));
    let switches = || switches_while_ready(process::id());
    let (before, switches_before) = (by_others(), switches());
    let mut quiet = 0;
    while quiet < 5 {
        sign_of_life();
        let running = thread_states(process::id()).iter().filter(|state| **state == 'R').count();
        quiet = if running <= 1 { quiet + 1 } else { 0 }; // we are running ourselves
        let computed = by_others().saturating_sub(before);
        if computed > BUSY || switches().saturating_sub(switches_before) > SWITCHES {
            return false;
        }
        thread::sleep(Duration::from_millis(2));
    }
    true
}
