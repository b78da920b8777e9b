use std::thread;
use std::time::Duration;

fn main() {
    println!("Sleeping 1 second(s)...");
    // ANCHOR: fix
    thread::sleep(Duration::from_secs(1));
    // ANCHOR_END: fix
}
