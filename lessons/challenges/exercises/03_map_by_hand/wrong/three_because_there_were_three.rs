//@ refused: 5 workers, all of them working
// Three workers, whatever it is asked for.

use std::sync::Mutex;
use std::thread;

pub fn map<T, R>(inputs: Vec<T>, _workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R>
where
    T: Send,
    R: Send,
{
    let numbered = Mutex::new(inputs.into_iter().enumerate());
    let results = Mutex::new(Vec::new());
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| {
                loop {
                    let next = numbered.lock().unwrap().next();
                    let Some((number, input)) = next else { break };
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
