use std::sync::Mutex;
use std::thread;

fn main() {
    let lock = Mutex::new(());
    let mut count = 0;
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                let _guard = lock.lock().unwrap();
                count += 1;
            });
        }
    });
    println!("{count}");
}
