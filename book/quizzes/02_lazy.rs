use std::thread;

fn main() {
    (1..=2)
        .map(|n| {
            println!("spawn {n}");
            thread::spawn(move || n)
        })
        .map(|handle| println!("join {}", handle.join().unwrap()))
        .for_each(drop);
}
