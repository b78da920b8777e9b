//@ refused: they cost as much as
// A trip for each tiny task.

pub fn for_tiny_tasks() -> usize {
    1
}

pub fn for_uneven_tasks() -> usize {
    1
}

pub fn for_a_spectator() -> usize {
    1
}
