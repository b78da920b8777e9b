use hands::pool::ThreadPool;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static BEGUN: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let pool = ThreadPool::new(1).unwrap();
    let task = |n: u32| {
        BEGUN.fetch_add(1, SeqCst);
        if n == 0 { Err("no") } else { Ok(n) }
    };
    match pool.try_map(task, 0..3) {
        Ok(values) => println!("{values:?}"),
        Err(error) => println!("{error}; {} begun", BEGUN.load(SeqCst)),
    }
}
