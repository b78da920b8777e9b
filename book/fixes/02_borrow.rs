use std::thread;

fn main() {
    let greeting = "hello".to_string();
    // ANCHOR: fix
    let handle = thread::spawn(move || println!("{greeting}"));
    // ANCHOR_END: fix
    handle.join().unwrap();
}
