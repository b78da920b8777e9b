//! Moments that another process understands.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A moment on the clock that all processes of this machine share, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::process) struct Deadline(NonZeroU64);

impl Deadline {
    /// This moment, or a little later: the two clocks are read one after the other.
    pub(super) fn at(moment: Instant) -> Self {
        let left = moment.saturating_duration_since(Instant::now());
        let later = now() + left;
        let nanos = u64::try_from(later.as_nanos()).unwrap_or(u64::MAX);
        Deadline(NonZeroU64::new(nanos).unwrap_or(NonZeroU64::MIN))
    }

    /// The same moment, or a little later. `None` if it is too far away for the clock.
    pub(in crate::process) fn instant(self) -> Option<Instant> {
        let left = Duration::from_nanos(self.0.get()).saturating_sub(now());
        Instant::now().checked_add(left)
    }

    pub(super) fn number(self) -> u64 {
        self.0.get()
    }

    pub(super) fn from_number(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(Deadline)
    }
}

fn now() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}
