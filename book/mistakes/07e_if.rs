use std::sync::{Arc, Condvar, Mutex};
use std::thread;

fn main() {
    let shared = Arc::new((Mutex::new((0, Vec::new())), Condvar::new()));
    let consumers = [1, 2].map(|_| {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            let (state, changed) = &*shared;
            let mut state = state.lock().unwrap();
            state.0 += 1; // one more waits
            if state.1.is_empty() {
                state = changed.wait(state).unwrap();
            }
            state.1.pop()
        })
    });
    let (state, changed) = &*shared;
    while state.lock().unwrap().0 < 2 {
        thread::yield_now();
    }
    state.lock().unwrap().1.push("tea");
    changed.notify_all();
    let mut got = consumers.map(|consumer| consumer.join().unwrap());
    got.sort();
    println!("{got:?}");
}
