use std::thread;

fn main() {
    let greeting = "hello".to_string();
    let handle = thread::spawn(|| println!("{greeting}"));
    handle.join().unwrap();
}
