//@ refused: the messages of those that panicked
// What went wrong is left out without a word.

use hands::pool::ThreadPool;

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    let results = pool.imap(move |input| (input, work(input)), inputs);
    (results.flatten().collect(), Vec::new())
}
