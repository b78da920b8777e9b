use hands::pool::ThreadPool;
use std::thread;

fn main() {
    let mut total = 0;
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, 4).unwrap();
        pool.map(|n: u64| total += n * n, 1..=100).unwrap();
    });
    println!("{total}");
}
