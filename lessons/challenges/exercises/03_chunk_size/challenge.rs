// Pick a chunk size, three times.
//
// A pool has four workers, and a queue from which whoever is free takes the next chunk. A trip, to hand over a chunk
// and to take back its results, takes about as long as ten tiny tasks. How many inputs should travel together?

/// A hundred thousand tiny tasks, all alike, for `map`. The trips must cost less than a hundredth of the work, and no
/// worker may have much more to do than another.
pub fn for_tiny_tasks() -> usize {
    todo!("inputs in a chunk, for tiny tasks")
}

/// Sixty tasks for `map`, of which the first takes a second, the second two seconds, the last a minute. The whole
/// should take at most a tenth longer than if the work were divided evenly.
pub fn for_uneven_tasks() -> usize {
    todo!("inputs in a chunk, for uneven tasks")
}

/// A thousand pictures, each of which takes a second, for `imap`. Somebody looks at them, and wants to see each as soon
/// as it is there.
pub fn for_a_spectator() -> usize {
    todo!("inputs in a chunk, for a spectator")
}
