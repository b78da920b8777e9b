// `map`, over a channel.
//
// `map` calls `work` on each input, on `workers` threads, and returns the results in the order of
// the inputs.
//
// - There are `workers` threads, and all of them work as long as there is something to do.
// - A worker that is free takes the next input. Nothing is divided up beforehand, so a slow input
//   holds up one worker, and no other input.
// - When it returns, all threads have ended.
//
// Several threads can receive from a channel of `crossbeam::channel`. A pool of `hands` would do
// all of it in a line, and the check would let it pass, but then you wouldn't have written it. An
// index that all workers share would pass, too.

pub fn map<T, R>(inputs: Vec<T>, workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R>
where
    T: Send,
    R: Send,
{
    todo!("{} inputs, {workers} workers", inputs.len())
}
