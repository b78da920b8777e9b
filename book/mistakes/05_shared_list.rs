use std::thread;

fn main() {
    let mut list = Vec::new();
    thread::scope(|s| {
        s.spawn(|| list.push(0.25));
        s.spawn(|| list.push(0.75));
    });
    println!("{list:?}");
}
