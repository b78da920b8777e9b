// One task of many panics.
//
// `sort_out` gives each input to `work`, on the pool, and returns two lists, both in the order of the inputs: what came out,
// each result with its input; and what did not, each message with its input. A panic harms nobody but its own task.
//
// All tasks are handed to the pool before the first result is waited for.

use hands::pool::ThreadPool;

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    todo!("{} inputs for {} workers, and {work:?}", inputs.len(), pool.workers())
}
