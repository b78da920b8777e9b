//@ refused: a loop that looks again and again
// Without a channel: a worker that finds no input looks again, until all results are there.

use std::sync::Mutex;
use std::thread;

pub fn map<T, R>(inputs: Vec<T>, workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R>
where
    T: Send,
    R: Send,
{
    let count = inputs.len();
    let numbered = Mutex::new(inputs.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    thread::scope(|s| {
        for _ in 0..workers {
            s.spawn(|| {
                while results.lock().unwrap().len() < count {
                    let next = numbered.lock().unwrap().next();
                    let Some((number, input)) = next else { continue };
                    let result = work(input);
                    results.lock().unwrap().push((number, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_unstable_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
