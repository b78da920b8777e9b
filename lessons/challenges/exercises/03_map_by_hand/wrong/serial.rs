//@ refused: 1 working at the same time
// The threads are there, but each is waited for before the next one starts.

use std::thread;

pub fn map<T, R>(inputs: Vec<T>, _workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R>
where
    T: Send,
    R: Send,
{
    let work = &work;
    thread::scope(|s| {
        inputs
            .into_iter()
            .map(|input| s.spawn(move || work(input)).join().expect("no panic"))
            .collect()
    })
}
