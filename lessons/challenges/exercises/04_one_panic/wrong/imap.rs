//@ refused: `imap` reads only a window ahead
// `imap` keeps the order, but it doesn't submit an input until there is room in its window.

use hands::pool::{Failure, ThreadPool};

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    let outcomes = inputs.clone().into_iter().zip(pool.imap(work, inputs));
    let (mut done, mut panicked) = (Vec::new(), Vec::new());
    for (input, outcome) in outcomes {
        match outcome {
            Ok(result) => done.push((input, result)),
            Err(error) => match error.failure {
                Failure::Panicked(panic) => panicked.push((input, panic.message)),
                other => panicked.push((input, other.to_string())),
            },
        }
    }
    (done, panicked)
}
