use std::sync::{Arc, Condvar, Mutex};
use std::thread;

fn main() {
    let shared = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
    let consumers = [1, 2].map(|_| {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            let (items, pushed) = &*shared;
            // ANCHOR: fix
            let items = items.lock().unwrap();
            let mut items = pushed.wait_while(items, |items| items.is_empty()).unwrap();
            items.pop()
            // ANCHOR_END: fix
        })
    });
    for item in ["milk", "tea"] {
        let (items, pushed) = &*shared;
        items.lock().unwrap().push(item);
        pushed.notify_all();
    }
    let mut got = consumers.map(|consumer| consumer.join().unwrap());
    got.sort();
    println!("{got:?}");
}
