use std::fs;
use std::path::PathBuf;

use hands::process::{self, Process, Task};

// ANCHOR: fix
const LENGTH: Task<PathBuf, usize> =
    Task::new("length", |path| fs::read(path).map_or(0, |text| text.len()));
// ANCHOR_END: fix

fn main() {
    process::init(&[&LENGTH]);
    fs::write("page.txt", "a page of text").unwrap();
    println!("{}", Process::spawn(&LENGTH, "page.txt".into()).unwrap().join().unwrap());
}
