use std::sync::Arc;
use std::thread;

fn main() {
    // ANCHOR: fix
    let greeting = Arc::new("hello".to_string());
    // ANCHOR_END: fix
    let handle = thread::spawn(move || println!("{greeting}"));
    handle.join().unwrap();
}
