//! A channel with room for two, by itself.

use std::thread;
use std::time::Duration;

use crossbeam::channel;
use crossbeam::select;
use hands::println;
use hands::timeline::span;

// ANCHOR: full
/// A fast sender, a slow receiver, room for two between them, and a sender that is never used.
pub(crate) fn full_queue() {
    let (sender, receiver) = channel::bounded(2);
    let mut forgotten = Some(sender.clone());
    thread::spawn(move || {
        for n in 1..=6 {
            let _span = span(format!("send {n}"));
            sender.send(n).expect("it is being received"); // waits while the queue is full
        }
    });
    loop {
        select! { // whichever comes first
            recv(receiver) -> n => match n {
                Ok(n) => {
                    let _span = span(format!("use {n}"));
                    thread::sleep(Duration::from_millis(50));
                }
                Err(_) => break println!("closed: all senders are gone"),
            },
            default(Duration::from_millis(100)) => {
                println!("empty, but a sender is left over: I would wait for ever");
                drop(forgotten.take());
            }
        }
    }
}
// ANCHOR_END: full
