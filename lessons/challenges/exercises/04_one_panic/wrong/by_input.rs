//@ refused: results, each with its input
// A map from input to handle: of two that are the same, one is lost.

use std::collections::BTreeMap;

use hands::pool::{Failure, ThreadPool};

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    let mut handles: BTreeMap<u32, _> =
        inputs.iter().map(|input| (*input, pool.submit(work, *input))).collect();
    let (mut done, mut panicked) = (Vec::new(), Vec::new());
    for input in inputs {
        let Some(handle) = handles.remove(&input) else { continue };
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
