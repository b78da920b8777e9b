//@ refused: whole milliseconds are too coarse
// Of less than a millisecond, nothing is left.

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
    let end = read();
    let real = (end.real - start.real).as_millis();
    let on_processor = (end.on_processor - start.on_processor).as_millis();
    if on_processor * 2 >= real { Kind::Working } else { Kind::Waiting }
}
