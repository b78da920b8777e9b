// Read both clocks before and after. What counts is the share of the real time that was spent on a
// processor: neither a long nor a short task is special, and a share above one needs no special
// case.

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
    let real = end.real - start.real;
    let on_processor = end.on_processor - start.on_processor;
    if on_processor * 2 >= real { Kind::Working } else { Kind::Waiting }
}
