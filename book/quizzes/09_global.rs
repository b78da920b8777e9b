use std::sync::OnceLock;

use hands::pool::{ProcessPool, ThreadPool};
use hands::process::{self, Task};

static FOLDER: OnceLock<String> = OnceLock::new();
const IS_SET: Task<u8, bool> = Task::new("is_set", |_| FOLDER.get().is_some());

fn main() {
    process::init(&[&IS_SET]);
    FOLDER.set("processed-images".to_owned()).unwrap();
    let threads = ThreadPool::new(2).unwrap();
    println!("{:?}", threads.map(|_| FOLDER.get().is_some(), [1, 2]).unwrap());
    let processes = ProcessPool::new(2).unwrap();
    println!("{:?}", processes.map(&IS_SET, [1, 2]).unwrap());
}
