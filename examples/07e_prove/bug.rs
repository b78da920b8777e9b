//! The three bugs, each as a program for real threads, for shuttle and for loom.

use clap::ValueEnum;

use crate::{every, random, real};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bug {
    /// Two threads add to a number that both have read
    LostUpdate,
    /// Each of two threads has the lock that the other waits for
    Deadlock,
    /// A consumer that wakes up takes an item without looking again
    Queue,
}

type Program = fn(is_fixed: bool);

impl Bug {
    pub(crate) const ALL: [Bug; 3] = [Bug::LostUpdate, Bug::Deadlock, Bug::Queue];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Bug::LostUpdate => "lost update",
            Bug::Deadlock => "deadlock",
            Bug::Queue => "queue",
        }
    }

    /// For real threads, for shuttle and for loom.
    pub(crate) fn programs(self) -> [Program; 3] {
        match self {
            Bug::LostUpdate => [real::lost_update, random::lost_update, every::lost_update],
            Bug::Deadlock => [real::deadlock, random::deadlock, every::deadlock],
            Bug::Queue => [real::queue, random::queue, every::queue],
        }
    }
}
