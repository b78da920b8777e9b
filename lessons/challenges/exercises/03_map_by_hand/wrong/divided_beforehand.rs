//@ refused: some are waiting behind the slow one
// Each worker gets its share at the start: the one with the slow input holds up the rest of its
// share.

use std::thread;

pub fn map<T, R>(mut inputs: Vec<T>, workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R>
where
    T: Send,
    R: Send,
{
    let share = inputs.len().div_ceil(workers);
    let work = &work;
    thread::scope(|s| {
        let mut threads = Vec::new();
        while !inputs.is_empty() {
            let rest = inputs.split_off(share.min(inputs.len()));
            let mine = std::mem::replace(&mut inputs, rest);
            threads.push(s.spawn(move || mine.into_iter().map(work).collect::<Vec<_>>()));
        }
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    })
}
