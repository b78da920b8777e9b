use std::sync::Barrier;
use std::thread;

fn main() {
    let all_are_here = Barrier::new(50);
    thread::scope(|s| {
        for _ in 0..50 {
            s.spawn(|| all_are_here.wait());
        }
    });
    println!("all 50 have waited for each other");
}
