// `map`, over a channel.
//
// `map` calls `work` on each input, on `workers` threads, and returns the results in the order of the inputs.
//
// - So many threads as there are workers, and all of them at work while there is something to do.
// - Whoever is free takes the next input: nothing is divided up beforehand, so one slow input holds up one
//   worker, and no other input.
// - When it returns, all threads have ended.
//
// `crossbeam::channel` has channels from which several threads may receive.

pub fn map<T, R>(inputs: Vec<T>, workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R>
where
    T: Send,
    R: Send,
{
    todo!("{} inputs, {workers} workers", inputs.len())
}
