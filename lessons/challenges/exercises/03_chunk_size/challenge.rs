// Pick a chunk size, three times.
//
// A pool has four workers, and a queue from which a worker that is free takes the next chunk. A
// trip hands over a chunk and brings back its results. It takes about as long as ten tiny tasks.
// How many inputs should travel together?

/// A hundred thousand tiny tasks, all alike, for `map`. The trips may cost a hundredth of the
/// work, and no worker should have much more to do than another.
pub fn for_tiny_tasks() -> usize {
    todo!("inputs in a chunk, for tiny tasks")
}

/// Sixty tasks for `map`. The first takes a second, the second two seconds, and the last a minute.
/// All of it should take at most a tenth longer than if the work were divided evenly.
pub fn for_uneven_tasks() -> usize {
    todo!("inputs in a chunk, for uneven tasks")
}

/// A thousand pictures for `imap`, each of which takes a second. Someone is watching, and wants to
/// see each picture as soon as it is ready.
pub fn for_a_spectator() -> usize {
    todo!("inputs in a chunk, for someone who watches")
}
