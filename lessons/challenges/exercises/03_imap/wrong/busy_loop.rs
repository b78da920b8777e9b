//@ refused: a loop that looks again and again
// `next` looks whether the result is there, and looks again.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam::channel::{Receiver, Sender, unbounded};

pub struct Imap<I: Iterator, R> {
    inputs: I,
    window: usize,
    read: usize,
    taken: usize,
    early: HashMap<usize, R>,
    queue: Option<Sender<(usize, I::Item)>>,
    unused: Receiver<(usize, I::Item)>,
    results: Receiver<(usize, R)>,
    threads: Vec<JoinHandle<()>>,
}

pub fn imap<I, R, F>(inputs: I, workers: usize, window: usize, work: F) -> Imap<I, R>
where
    I: Iterator,
    I::Item: Send + 'static,
    R: Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
{
    let (queue, numbered) = unbounded::<(usize, I::Item)>();
    let (done, results) = unbounded();
    let work = Arc::new(work);
    let worker = |_| {
        let (numbered, done, work) = (numbered.clone(), done.clone(), Arc::clone(&work));
        thread::spawn(move || {
            for (number, input) in numbered {
                if done.send((number, work(input))).is_err() {
                    break; // nobody waits for it any more
                }
            }
        })
    };
    let threads = (0..workers).map(worker).collect();
    let queue = Some(queue);
    Imap {
        inputs,
        window,
        read: 0,
        taken: 0,
        early: HashMap::new(),
        queue,
        unused: numbered,
        results,
        threads,
    }
}

impl<I: Iterator, R> Iterator for Imap<I, R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        while self.read < self.taken + self.window {
            let Some(input) = self.inputs.next() else { break };
            self.queue.as_ref()?.send((self.read, input)).ok()?;
            self.read += 1;
        }
        if self.taken == self.read {
            return None; // there was no more to read
        }
        let result = loop {
            if let Some(result) = self.early.remove(&self.taken) {
                break result;
            }
            if let Ok((number, result)) = self.results.try_recv() {
                self.early.insert(number, result);
            }
        };
        self.taken += 1;
        Some(result)
    }
}

impl<I: Iterator, R> Drop for Imap<I, R> {
    fn drop(&mut self) {
        self.queue = None; // the channel ends when it is empty,
        self.unused.try_iter().for_each(drop); // and now it is
        for thread in self.threads.drain(..) {
            let _ = thread.join(); // one that has panicked has ended, too
        }
    }
}
