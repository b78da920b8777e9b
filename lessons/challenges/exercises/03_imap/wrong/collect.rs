//@ refused: inputs had been read when 0 results had been taken
// All inputs are read first: `map` under another name.

use std::sync::Arc;
use std::thread;

use crossbeam::channel::unbounded;

pub fn imap<I, R, F>(inputs: I, workers: usize, _window: usize, work: F) -> std::vec::IntoIter<R>
where
    I: Iterator,
    I::Item: Send + 'static,
    R: Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
{
    let inputs: Vec<_> = inputs.collect();
    let work = Arc::new(work);
    let (queue, numbered) = unbounded();
    let (sender, done) = unbounded();
    for _ in 0..workers {
        let (numbered, sender, work) = (numbered.clone(), sender.clone(), Arc::clone(&work));
        thread::spawn(move || {
            for (number, input) in numbered {
                let _ = sender.send((number, work(input)));
            }
        });
    }
    drop(sender);
    for input in inputs.into_iter().enumerate() {
        queue.send(input).expect("the workers live");
    }
    drop(queue);
    let mut results: Vec<_> = done.iter().collect();
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect::<Vec<_>>().into_iter()
}
