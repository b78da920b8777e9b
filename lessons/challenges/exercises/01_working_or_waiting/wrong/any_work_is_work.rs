//@ refused: a task that waits works a little, too
// It was on a processor, was it not?

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
    let start = read();
    task();
    let worked = read().on_processor > start.on_processor;
    if worked { Kind::Working } else { Kind::Waiting }
}
