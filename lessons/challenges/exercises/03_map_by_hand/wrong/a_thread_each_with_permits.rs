//@ refused: is there one for each input?
// No more work at the same time than there are permits, but each input has a thread of its own.

use std::thread;

use crossbeam::channel::bounded;

pub fn map<T, R>(inputs: Vec<T>, workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R>
where
    T: Send,
    R: Send,
{
    let (give_back, permits) = bounded(workers);
    for _ in 0..workers {
        give_back.send(()).unwrap();
    }
    thread::scope(|s| {
        let start = |input| {
            s.spawn(|| {
                permits.recv().unwrap();
                let result = work(input);
                give_back.send(()).unwrap();
                result
            })
        };
        let handles: Vec<_> = inputs.into_iter().map(start).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    })
}
