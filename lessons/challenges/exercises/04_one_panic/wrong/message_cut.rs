//@ refused: the messages of those that panicked
// The message is taken from the text of the whole error, from behind the last colon.

use hands::pool::ThreadPool;

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
            Err(error) => {
                let text = error.to_string();
                let message = text.rsplit_once(": ").map_or(&*text, |(_, message)| message);
                panicked.push((input, message.to_owned()));
            }
        }
    }
    (done, panicked)
}
