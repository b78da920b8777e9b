use std::time::Instant;

use hands::process::{Process, Task, init};

const LATE: Task<Instant, bool> = Task::new("late", |given| given.elapsed().as_secs() > 10);

fn main() -> std::io::Result<()> {
    init(&[&LATE]);
    let late = Process::spawn(&LATE, Instant::now())?.join();
    println!("too late: {late:?}");
    Ok(())
}
