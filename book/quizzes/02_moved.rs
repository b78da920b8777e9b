use std::thread;

fn main() {
    let names = vec!["Ann", "Bob"];
    let greeter = thread::spawn(move || println!("hello {names:?}"));
    println!("{} names", names.len());
    greeter.join().unwrap();
}
