use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, results) = mpsc::channel();
    for n in 0..3 {
        let sender = sender.clone();
        thread::spawn(move || sender.send(n * n).unwrap());
    }
    for square in results {
        println!("{square}"); // 0, 1 and 4 come, and then the loop waits for ever
    }
}
