//@ refused: 1 at a time
// Each result is waited for before the next input is submitted.

use hands::pool::{Failure, ThreadPool};

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    let (mut done, mut panicked) = (Vec::new(), Vec::new());
    for input in inputs {
        match pool.submit(work, input).join() {
            Ok(result) => done.push((input, result)),
            Err(error) => match error.failure {
                Failure::Panicked(panic) => panicked.push((input, panic.message)),
                other => panicked.push((input, other.to_string())),
            },
        }
    }
    (done, panicked)
}
