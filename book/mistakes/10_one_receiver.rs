use std::sync::mpsc::sync_channel;
use std::thread;

fn main() {
    let (sender, pictures) = sync_channel(2);
    for worker in 1..=2 {
        let pictures = pictures.clone();
        thread::spawn(move || {
            for picture in pictures {
                println!("worker {worker} has picture {picture}");
            }
        });
    }
    sender.send(1).unwrap();
}
