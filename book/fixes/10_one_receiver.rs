use crossbeam::channel;
use std::thread;

fn main() {
    // ANCHOR: fix
    let (sender, pictures) = channel::bounded(2); // crossbeam's
    // ANCHOR_END: fix
    thread::scope(|s| {
        for worker in 1..=2 {
            let pictures = pictures.clone();
            s.spawn(move || {
                for picture in pictures {
                    println!("worker {worker} has picture {picture}");
                }
            });
        }
        sender.send(1).unwrap();
        drop(sender);
    });
}
