use std::thread;

fn main() {
    let mut band = vec![20.0; 1000];
    thread::scope(|s| {
        s.spawn(|| band[0] = 100.0);
        s.spawn(|| band[0] = 0.0);
    });
}
