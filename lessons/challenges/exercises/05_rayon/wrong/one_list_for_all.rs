//@ refused: the first words weren't done first
// All push to one list, in the order of completion.

use rayon::prelude::*;

pub fn count_all(words: &[String], count: impl Fn(&str) -> usize + Sync) -> Vec<usize> {
    let counts = std::sync::Mutex::new(Vec::new());
    words.par_iter().for_each(|word| {
        let count = count(word);
        counts.lock().expect("nobody panics").push(count);
    });
    counts.into_inner().expect("nobody panics")
}
