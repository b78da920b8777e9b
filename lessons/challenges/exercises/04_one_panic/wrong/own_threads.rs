//@ refused: threads have done it
// A thread for each input. The pool has nothing to do.

use std::thread;

use hands::pool::ThreadPool;

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    _pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    let handles: Vec<_> =
        inputs.into_iter().map(|input| (input, thread::spawn(move || work(input)))).collect();
    let (mut done, mut panicked) = (Vec::new(), Vec::new());
    for (input, handle) in handles {
        match handle.join() {
            Ok(result) => done.push((input, result)),
            Err(panic) => {
                panicked.push((input, *panic.downcast().expect("a message")));
            }
        }
    }
    (done, panicked)
}
