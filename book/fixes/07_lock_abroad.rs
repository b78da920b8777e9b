use hands::pool::ProcessPool;
use hands::process::{self, Task};

// ANCHOR: fix
const COUNT: Task<String, usize> = Task::new("count", |text| text.split_whitespace().count());

fn main() {
    process::init(&[&COUNT]);
    let pool = ProcessPool::new(2).unwrap();
    let texts = ["many hands", "make light work"].map(str::to_owned);
    let total: usize = pool.map(&COUNT, texts).unwrap().into_iter().sum();
    println!("{total} words");
}
// ANCHOR_END: fix
