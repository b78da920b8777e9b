use std::cell::Cell;
use std::sync::Arc;
use std::thread;

fn main() {
    let number = Arc::new(Cell::new(0));
    let shared = Arc::clone(&number);
    let worker = thread::spawn(move || shared.set(shared.get() + 1));
    number.set(number.get() + 1);
    worker.join().unwrap();
}
