use hands::pool::ThreadPool;
use std::{thread, time::Duration};

fn main() {
    let pool = ThreadPool::new(3).unwrap();
    let sleep = |ms| {
        thread::sleep(Duration::from_millis(ms));
        ms
    };
    let handles = [30, 10, 20].map(|ms| pool.submit(sleep, ms));
    for handle in handles {
        println!("{}", handle.join().unwrap());
    }
}
