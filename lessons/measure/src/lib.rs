//! What work costs: how long we wait for it, and how long the processors are busy with it; and how
//! much faster several workers get it done.
//!
//! ```
//! # #[cfg(unix)] {
//! use measure::Usage;
//!
//! let (sum, usage) = Usage::measure(|| (0..1_000_000_u64).sum::<u64>());
//! assert_eq!(sum, 499_999_500_000);
//! println!("{:?} by the clock, {:?} of work", usage.real, usage.user + usage.system);
//! # }
//! ```
#![cfg(unix)]

mod busy;
mod per_task;
mod report;
mod runs;
mod scratch;
mod slow_server;
mod speed_up;
mod sweep;

use std::time::{Duration, Instant};

use nix::sys::resource::{Usage as Counters, UsageWho, getrusage};
use nix::sys::time::TimeVal;

pub use busy::{BUSY, Busy};
pub use per_task::PerTask;
pub use runs::runs;
pub use scratch::Scratch;
pub use slow_server::SlowServer;
pub use speed_up::{SpeedUp, amdahl};
pub use sweep::{Knee, Shape, Sweep};

/// What the shell's `time` prints, and how often a core switched to another thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// By the clock on the wall, from start to end.
    pub real: Duration,
    /// The time that processors spent in the program, summed over all threads and children.
    pub user: Duration,
    /// The time they spent in the system on behalf of the program: memory, files, messages.
    pub system: Duration,
    /// How often a thread gave up its core because it had to wait for something: voluntary context
    /// switches.
    pub voluntary: u64,
    /// How often the system took the core away from a thread that could have gone on: involuntary
    /// context switches.
    pub involuntary: u64,
}

impl Usage {
    /// Does the work, and returns what it cost: in all threads of this process, and in the child
    /// processes that ended meanwhile and have been waited for. A pool of processes has waited for
    /// its workers once it is joined or dropped.
    ///
    /// Threads that do something else at the same time are counted, too.
    pub fn measure<R>(work: impl FnOnce() -> R) -> (R, Usage) {
        let before = counted();
        let start = Instant::now();
        let result = work();
        let real = start.elapsed();
        let after = counted();
        let usage = Usage {
            real,
            user: after.user.saturating_sub(before.user),
            system: after.system.saturating_sub(before.system),
            voluntary: after.voluntary.saturating_sub(before.voluntary),
            involuntary: after.involuntary.saturating_sub(before.involuntary),
        };
        (result, usage)
    }

    /// The context switches of one task on average: `2.1 + 0.0`, voluntary and involuntary.
    fn switches(&self, tasks: usize) -> String {
        let each = |switches: u64| switches as f64 / tasks as f64;
        format!("{:.1} + {:.1}", each(self.voluntary), each(self.involuntary))
    }
}

/// What the system has counted so far for this process and its children.
fn counted() -> Usage {
    let of = |who| getrusage(who).expect("the system knows what this process has used");
    let (own, children) = (of(UsageWho::RUSAGE_SELF), of(UsageWho::RUSAGE_CHILDREN));
    let time = |get: fn(&Counters) -> TimeVal| duration(get(&own)) + duration(get(&children));
    let count = |get: fn(&Counters) -> i64| (get(&own) + get(&children)).max(0) as u64;
    Usage {
        real: Duration::ZERO,
        user: time(Counters::user_time),
        system: time(Counters::system_time),
        voluntary: count(Counters::voluntary_context_switches),
        involuntary: count(Counters::involuntary_context_switches),
    }
}

fn duration(time: TimeVal) -> Duration {
    let microseconds = time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64;
    Duration::from_micros(microseconds)
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::process::Command;
    use std::thread;

    use super::*;

    /// Works until this process has used that much processor time, however busy the machine is.
    fn work_for(time: Duration) {
        let before = counted().user;
        while counted().user - before < time {
            black_box((0..10_000_u64).sum::<u64>());
        }
    }

    /// One test, not two: what a process has used includes what other tests do at the same time.
    #[test]
    fn the_work_of_threads_and_of_children_counts_and_waiting_does_not() {
        let time = Duration::from_millis(50);
        let (answer, usage) = Usage::measure(|| {
            thread::spawn(move || work_for(time)).join().expect("no panic");
            7
        });
        assert_eq!(answer, 7);
        assert!(usage.user >= time, "{usage:?}");

        let script = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
        let (status, usage) = Usage::measure(|| Command::new("sh").args(["-c", script]).status());
        assert!(status.expect("a shell").success());
        assert!(usage.user >= Duration::from_millis(5), "{usage:?}");

        let time = Duration::from_millis(300);
        let ((), usage) = Usage::measure(|| thread::sleep(time));
        assert!(usage.real >= time, "{usage:?}");
        assert!(usage.user + usage.system < usage.real, "{usage:?}");
    }

    #[test]
    fn who_waits_gives_the_core_away() {
        let ((), usage) =
            Usage::measure(|| (0..50).for_each(|_| thread::sleep(Duration::from_millis(1))));
        assert!(usage.voluntary >= 50, "{usage:?}");
    }
}
