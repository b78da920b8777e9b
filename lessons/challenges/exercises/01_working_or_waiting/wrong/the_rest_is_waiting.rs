//@ refused: no `Duration` is less than zero
// What is not work is waiting. With two processors that is less than nothing, which no `Duration`
// can be.

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
    let worked = end.on_processor - start.on_processor;
    let waited = (end.real - start.real) - worked;
    if worked >= waited { Kind::Working } else { Kind::Waiting }
}
