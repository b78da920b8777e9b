//@ refused: the share counts, not the milliseconds
// Ten milliseconds are quite some work. In a short task, or in a long one?

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
    let worked = read().on_processor - start.on_processor;
    if worked >= Duration::from_millis(10) { Kind::Working } else { Kind::Waiting }
}
