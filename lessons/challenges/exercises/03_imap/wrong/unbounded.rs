//@ refused: inputs had been read when
// A thread feeds the workers as fast as it can: lazy for the caller, and endless for the memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use crossbeam::channel::{Receiver, unbounded};

pub struct Imap<R> {
    taken: usize,
    early: HashMap<usize, R>,
    results: Receiver<(usize, R)>,
}

pub fn imap<I, R, F>(inputs: I, workers: usize, _window: usize, work: F) -> Imap<R>
where
    I: Iterator + Send + 'static,
    I::Item: Send + 'static,
    R: Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
{
    let (queue, numbered) = unbounded();
    let (done, results) = unbounded();
    let work = Arc::new(work);
    for _ in 0..workers {
        let (numbered, done, work) = (numbered.clone(), done.clone(), Arc::clone(&work));
        thread::spawn(move || {
            for (number, input) in numbered {
                if done.send((number, work(input))).is_err() {
                    break;
                }
            }
        });
    }
    thread::spawn(move || inputs.enumerate().try_for_each(|numbered| queue.send(numbered)));
    Imap { taken: 0, early: HashMap::new(), results }
}

impl<R> Iterator for Imap<R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        loop {
            if let Some(result) = self.early.remove(&self.taken) {
                self.taken += 1;
                return Some(result);
            }
            let (number, result) = self.results.recv().ok()?;
            self.early.insert(number, result);
        }
    }
}
