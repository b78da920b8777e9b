use std::thread;

fn main() {
    println!("Sleeping 1 second(s)...");
    thread::sleep(1);
}
