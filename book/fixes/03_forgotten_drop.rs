use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, results) = mpsc::channel();
    for n in 0..3 {
        let sender = sender.clone();
        thread::spawn(move || sender.send(n * n).unwrap());
    }
    // ANCHOR: fix
    drop(sender); // the threads have senders of their own
    for square in results {
        println!("{square}");
    }
    // ANCHOR_END: fix
}
