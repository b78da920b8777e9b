use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

fn main() {
    let shared = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
    let consumers = [1, 2].map(|_| {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            let (items, pushed) = &*shared;
            let mut items = items.lock().unwrap();
            if items.is_empty() {
                items = pushed.wait(items).unwrap();
            }
            items.pop()
        })
    });
    thread::sleep(Duration::from_millis(500)); // both wait by now
    let (items, pushed) = &*shared;
    items.lock().unwrap().push("tea");
    pushed.notify_all();
    let mut got = consumers.map(|consumer| consumer.join().unwrap());
    got.sort();
    println!("{got:?}");
}
