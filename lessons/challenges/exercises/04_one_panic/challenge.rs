// One task of many panics.
//
// `sort_out` calls `work` on each input, in the pool, and returns two lists, both in the order of
// the inputs: the results, each with its input, and the messages of the panics, each with its
// input. A panic harms only its own task.
//
// Submit all tasks before you wait for the first result.

use hands::pool::ThreadPool;

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    let _ = work; // which is called with each input
    todo!("{} inputs for {} workers: submit them", inputs.len(), pool.workers())
}
