// Working or waiting?
//
// Two clocks are enough to tell. One shows the time of day; the other one runs only while a processor works for us. In
// the shell, `time` calls them `real` and `user`. `read` reads both.
//
// Let `measure` run the task, and say what it did for most of the time: at least half of it on a processor is `Working`,
// less is `Waiting`.
//
// - Neither clock begins at zero: what counts is how far they go while the task runs.
// - Who waits works a little, too: to begin to wait, and to wake up.
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
