use hands::pool::ProcessPool;
use hands::process::{self, Task};

const DECODE: Task<String, usize> = Task::new("decode", |picture| match picture.as_str() {
    "bomb.tif" => std::process::abort(),
    name => name.len(),
});

fn main() {
    process::init(&[&DECODE]);
    let pool = ProcessPool::new(2).unwrap();
    let pictures = ["moon.png", "bomb.tif", "dunes.jpg"].map(str::to_owned);
    for outcome in pool.imap(&DECODE, pictures) {
        println!("{}", if outcome.is_ok() { "saved" } else { "failed" });
    }
}
