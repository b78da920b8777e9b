use hands::cancel::{self, Cancelled};
use hands::pool::ThreadPool;

fn main() {
    let pool = ThreadPool::new(2).unwrap();
    let counts = pool.try_map(count, [10, 100, 1000]);
    println!("{counts:?}");
}

// ANCHOR: fix
fn count(limit: u64) -> Result<u64, Cancelled> {
    let token = cancel::current();
    let mut n = 0;
    while n < limit {
        token.check()?;
        n += 1;
    }
    Ok(n)
}
// ANCHOR_END: fix
