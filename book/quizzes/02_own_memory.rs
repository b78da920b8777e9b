use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use hands::process::{self, Process, Task};

static COUNTER: AtomicU32 = AtomicU32::new(0);
const COUNT: Task<u32, u32> = Task::new("count", count);

fn count(by: u32) -> u32 {
    COUNTER.fetch_add(by, Relaxed) + by // what it was, and what was added
}

fn main() {
    process::init(&[&COUNT]);
    COUNTER.store(7, Relaxed);
    let child = Process::spawn(&COUNT, 5).unwrap();
    println!("child {}, parent {}", child.join().unwrap(), COUNTER.load(Relaxed));
}
