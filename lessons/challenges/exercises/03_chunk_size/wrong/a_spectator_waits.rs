//@ refused: it was kept until the whole chunk
// Fewer trips, and a spectator who waits.

pub fn for_tiny_tasks() -> usize {
    2000
}

pub fn for_uneven_tasks() -> usize {
    1
}

pub fn for_a_spectator() -> usize {
    10
}
