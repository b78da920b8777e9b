use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

fn main() {
    let (count, both_have_read) = (AtomicU32::new(0), Barrier::new(2));
    let add_one = || {
        let seen = count.load(Relaxed);
        both_have_read.wait();
        count.store(seen + 1, Relaxed);
    };
    thread::scope(|s| {
        s.spawn(add_one);
        s.spawn(add_one);
    });
    println!("{}", count.load(Relaxed));
}
