//@ refused: 0 results
// `map` returns the first failure, and all other results are lost.

use hands::pool::ThreadPool;

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    match pool.map(move |input| (input, work(input)), inputs) {
        Ok(done) => (done, Vec::new()),
        Err(error) => (Vec::new(), vec![(error.task as u32, error.failure.to_string())]),
    }
}
