//@ refused: what the clocks showed at the end
// The clocks are read at the end only, as if the program had begun with the task.

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
    let end = read();
    if end.on_processor * 2 >= end.real { Kind::Working } else { Kind::Waiting }
}
