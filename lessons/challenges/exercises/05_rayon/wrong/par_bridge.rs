//@ refused: the first words weren't done first
// `par_bridge` makes any iterator parallel, and hands out its items one by one: the order is lost.

use rayon::prelude::*;

pub fn count_all(words: &[String], count: impl Fn(&str) -> usize + Sync) -> Vec<usize> {
    words.iter().par_bridge().map(|word| count(word)).collect()
}
