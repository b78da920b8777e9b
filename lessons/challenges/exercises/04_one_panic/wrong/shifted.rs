//@ refused: results, each with its input
// The results of those that did well are paired with the inputs from the front.

use hands::pool::ThreadPool;

pub type Done = Vec<(u32, String)>;
pub type Panicked = Vec<(u32, String)>;

pub fn sort_out(
    pool: &ThreadPool<'static>,
    inputs: Vec<u32>,
    work: fn(u32) -> String,
) -> (Done, Panicked) {
    let outcomes: Vec<_> = pool.imap(work, inputs.clone()).collect();
    let (done, panicked): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    let done = inputs.iter().copied().zip(done.into_iter().flatten()).collect();
    let messages = panicked.into_iter().filter_map(Result::err).map(|error| error.to_string());
    (done, inputs.iter().copied().zip(messages).collect())
}
