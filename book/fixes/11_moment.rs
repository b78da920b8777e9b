use std::time::{Duration, Instant};

use hands::process::{Process, Task, init};

// ANCHOR: fix
const LATE: Task<Duration, bool> = Task::new("late", |waited| waited.as_secs() > 10);

fn main() -> std::io::Result<()> {
    init(&[&LATE]);
    let given = Instant::now();
    let late = Process::spawn(&LATE, given.elapsed())?.join();
    println!("too late: {late:?}");
    Ok(())
}
// ANCHOR_END: fix
