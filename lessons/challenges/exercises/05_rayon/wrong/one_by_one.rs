//@ refused: 1 at the same time
// As it was.

pub fn count_all(words: &[String], count: impl Fn(&str) -> usize + Sync) -> Vec<usize> {
    words.iter().map(|word| count(word)).collect()
}
