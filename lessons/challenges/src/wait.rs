//! Waiting for what should happen by itself, and how others wait.

use std::process;
use std::thread;
use std::time::Duration;

use harness::{poll, switches_while_ready, thread_states};
use rustix::time::{ClockId, clock_gettime};

use crate::judge::sign_of_life;

/// How long a check waits for something that takes next to no time, even on a machine that is busy
/// with other things. A right answer never waits this long.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until something holds, for [`PATIENCE`] at most, and says whether it does.
pub fn wait_until(mut holds: impl FnMut() -> bool) -> bool {
    poll(PATIENCE, || holds().then_some(())).is_some()
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
