//@ refused: who is waiting for the task that never ends?
// A process of its own, and nobody who ends it.

use std::time::Duration;

use hands::process::{Process, Task};

pub fn within(_limit: Duration, task: &Task<u64, u64>, input: u64) -> Option<u64> {
    Process::spawn(task, input).expect("a process starts").join().ok()
}
