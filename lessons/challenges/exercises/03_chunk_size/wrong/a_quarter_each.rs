//@ refused: 4 chunks for 4 workers
// As many chunks as workers.

pub fn for_tiny_tasks() -> usize {
    25_000
}

pub fn for_uneven_tasks() -> usize {
    1
}

pub fn for_a_spectator() -> usize {
    1
}
