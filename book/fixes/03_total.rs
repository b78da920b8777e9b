use hands::pool::ThreadPool;
use std::thread;

fn main() {
    thread::scope(|s| {
        let pool = ThreadPool::scoped(s, 4).unwrap();
        // ANCHOR: fix
        let squares = pool.map(|n: u64| n * n, 1..=100).unwrap();
        let total: u64 = squares.into_iter().sum();
        // ANCHOR_END: fix
        println!("{total}");
    });
}
