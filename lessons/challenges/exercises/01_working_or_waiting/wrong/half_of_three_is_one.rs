//@ refused: half of 3 isn't 1
// A division of whole numbers: 1 of 3 counts as half.

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
    let real = (end.real - start.real).as_nanos();
    let on_processor = (end.on_processor - start.on_processor).as_nanos();
    if on_processor >= real / 2 { Kind::Working } else { Kind::Waiting }
}
