//@ refused: a stopwatch alone can't tell
// What takes long must be hard work.

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
    let took = read().real - start.real;
    if took >= Duration::from_secs(1) { Kind::Working } else { Kind::Waiting }
}
