use hands::cancel;
use hands::pool::ThreadPool;

fn main() {
    let pool = ThreadPool::new(2).unwrap();
    let counts = pool.map(count, [10, 100, 1000]);
    println!("{counts:?}");
}

fn count(limit: u64) -> u64 {
    let token = cancel::current();
    let mut n = 0;
    while n < limit {
        token.check()?;
        n += 1;
    }
    n
}
