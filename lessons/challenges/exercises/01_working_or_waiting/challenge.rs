// Working or waiting?
//
// Two clocks are enough to tell. One shows the time of day; the other runs only while a processor
// works for us. The shell's `time` calls them `real` and `user`. Here, `read` reads both.
//
// Let `measure` run the task, and say what it did most of the time. If it spent at least half of
// its time on a processor, it was `Working`; otherwise it was `Waiting`.
//
// - Neither clock starts at zero. What counts is how far they go while the task runs.
// - A task that waits works a little, too: to begin its wait, and to wake up.
// - A task that keeps two processors busy for one second takes two seconds of their time.

use std::time::Duration;

pub struct Clocks {
    pub real: Duration,
    pub on_processor: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Working,
    Waiting,
}

pub fn measure(read: impl Fn() -> Clocks, task: impl FnOnce()) -> Kind {
    task();
    todo!("after the task the clock says {:?}, and before?", read().real)
}
