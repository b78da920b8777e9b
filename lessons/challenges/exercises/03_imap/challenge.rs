// Write `imap`.
//
// `imap` returns an iterator. It calls `work` on each of `inputs`, on `workers` threads, and yields the results
// one by one:
//
// - in the order of the inputs, each as soon as it and all before it are there;
// - lazily: at every moment, at most `window` more inputs were read than results were taken. A result is taken
//   when `next` returns it. The inputs may be endless;
// - steadily: each result that is taken makes room for one more input, which is read when the next result is
//   asked for (or before);
// - on `workers` threads, all of which work if there is something to do, and which end when the iterator
//   is dropped. What has not begun by then never does.
//
// `workers` and `window` are at least 1. That `work` panics is not your concern here.
//
// You build it from what "The pool, by hand" is built of: a channel of inputs and a channel of results. The
// channels of `crossbeam::channel` are there, and those of the standard library.

pub struct Imap<I: Iterator, R> {
    inputs: I,
    window: usize,
    results: Vec<R>, // these three are a beginning: you will need others
}

pub fn imap<I, R, F>(inputs: I, workers: usize, window: usize, work: F) -> Imap<I, R>
where
    I: Iterator,
    I::Item: Send + 'static,
    R: Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
{
    todo!("start {workers} threads, each with its end of the channels")
}

impl<I, R> Iterator for Imap<I, R>
where
    I: Iterator,
{
    type Item = R;

    fn next(&mut self) -> Option<R> {
        todo!("read inputs while there is room, then wait for the result whose turn it is")
    }
}

impl<I: Iterator, R> Drop for Imap<I, R> {
    fn drop(&mut self) {
        // end the threads, and wait for them
    }
}
