use std::sync::Mutex;
use std::thread;

fn main() {
    // ANCHOR: fix
    let count = Mutex::new(0);
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| *count.lock().unwrap() += 1);
        }
    });
    // ANCHOR_END: fix
    println!("{}", count.into_inner().unwrap());
}
