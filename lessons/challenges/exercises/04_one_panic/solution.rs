// Each outcome is a value. Only the loop over all of them decides what a panic means.

use hands::pool::{Failure, ThreadPool};

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    let handles: Vec<_> =
        inputs.into_iter().map(|input| (input, pool.submit(work, input))).collect();
    let (mut done, mut panicked) = (Vec::new(), Vec::new());
    for (input, handle) in handles {
        match handle.join() {
            Ok(result) => done.push((input, result)),
            Err(error) => match error.failure {
                Failure::Panicked(panic) => panicked.push((input, panic.message)),
                other => panicked.push((input, other.to_string())),
            },
        }
    }
    (done, panicked)
}
