//@ refused: working at the same time
// A thread for each input, whatever the number of workers.

use std::thread;

pub fn map<T, R>(inputs: Vec<T>, _workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R>
where
    T: Send,
    R: Send,
{
    let work = &work;
    thread::scope(|s| {
        let start = |input| s.spawn(move || work(input));
        let threads: Vec<_> = inputs.into_iter().map(start).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}
