// Many tiny tasks want large chunks, uneven ones small chunks, and who waits for each result wants
// none at all.

/// A trip for two thousand tasks costs half a percent of what they cost. There are fifty chunks, so
/// at the end nobody is alone with more than a fiftieth of the work.
pub fn for_tiny_tasks() -> usize {
    2000
}

/// The last chunk decides: if it holds several of the longest tasks, one worker is alone with them
/// at the end.
pub fn for_uneven_tasks() -> usize {
    1
}

/// A chunk is handed back as a whole.
pub fn for_a_spectator() -> usize {
    1
}
