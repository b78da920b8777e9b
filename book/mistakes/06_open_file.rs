use std::fs::File;
use std::io::Read;

use hands::process::{self, Task};

const LENGTH: Task<File, usize> = Task::new("length", |mut file| {
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap_or(0)
});

fn main() {
    process::init(&[&LENGTH]);
}
