use hands::process::{self, Task};
use std::sync::{Arc, Mutex};

const COUNT: Task<(String, Arc<Mutex<usize>>), ()> = Task::new("count", |(text, total)| {
    *total.lock().unwrap() += text.split_whitespace().count();
});

fn main() {
    process::init(&[&COUNT]);
}
