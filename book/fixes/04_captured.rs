use hands::process::{self, Process, Task};

// ANCHOR: fix
const SCALE: Task<(u64, u64), u64> = Task::new("scale", |(n, factor)| n * factor);
// ANCHOR_END: fix

fn main() {
    process::init(&[&SCALE]);
    println!("{}", Process::spawn(&SCALE, (14, 3)).unwrap().join().unwrap());
}
