//@ refused: other threads did some of it
// A pool of its own, beside the one that is there.

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

pub fn count_all(words: &[String], count: impl Fn(&str) -> usize + Sync) -> Vec<usize> {
    let pool = ThreadPoolBuilder::new().num_threads(4).build().expect("four threads start");
    pool.install(|| words.par_iter().map(|word| count(word)).collect())
}
