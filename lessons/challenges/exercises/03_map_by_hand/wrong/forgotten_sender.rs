//@ refused: Which one is left?
// One sender of the results is left over in this function, so the loop over them never ends.

use std::thread;

use crossbeam::channel;

pub fn map<T, R>(inputs: Vec<T>, workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R>
where
    T: Send,
    R: Send,
{
    let (queue, numbered) = channel::unbounded();
    let (sender, results) = channel::unbounded();
    let work = &work;
    let mut results: Vec<(usize, R)> = thread::scope(|s| {
        for _ in 0..workers {
            let (numbered, sender) = (numbered.clone(), sender.clone());
            s.spawn(move || {
                for (number, input) in numbered {
                    sender.send((number, work(input))).expect("the results are being read");
                }
            });
        }
        for numbered in inputs.into_iter().enumerate() {
            queue.send(numbered).expect("the workers hold the other end");
        }
        drop(queue);
        results.iter().collect()
    });
    results.sort_unstable_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
