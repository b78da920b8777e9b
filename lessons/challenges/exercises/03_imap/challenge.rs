// Write `imap`.
//
// `imap` returns an iterator. It calls `work` on each of `inputs`, on `workers` threads, and yields
// the results one by one:
//
// - in the order of the inputs, each as soon as it and all those before it are there;
// - lazily: at any moment, at most `window` more inputs have been read than results have been
//   taken. A result is taken when `next` returns it. The inputs may be endless;
// - steadily: each result that is taken makes room for one more input, which is read when the next
//   result is asked for (or earlier);
// - on `workers` threads, which all work as long as there is something to do, and which end when
//   the iterator is dropped. What hasn't begun by then never does.
//
// `workers` and `window` are at least 1. Don't worry about a `work` that panics.
//
// Build it from the same parts as "The pool, by hand": a channel of inputs and a channel of
// results. You can use the channels of `crossbeam::channel` and those of the standard library. (The
// check would let the `imap` of a pool pass, but then you wouldn't have written it.)

pub struct Imap<I: Iterator, R> {
    inputs: I,
    window: usize,
    results: Vec<R>, // a beginning: you'll need more than these three
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
