use std::rc::Rc;
use std::thread;

fn main() {
    let greeting = Rc::new("hello".to_string());
    let handle = thread::spawn(move || println!("{greeting}"));
    handle.join().unwrap();
}
