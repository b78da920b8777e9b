use std::sync::{Condvar, Mutex};

fn main() {
    let (items, pushed) = (Mutex::new(vec![7]), Condvar::new());
    pushed.notify_one(); // nobody waits yet
    let items = items.lock().unwrap();
    let mut items = pushed.wait_while(items, |items| items.is_empty()).unwrap();
    println!("{:?}", items.pop());
}
