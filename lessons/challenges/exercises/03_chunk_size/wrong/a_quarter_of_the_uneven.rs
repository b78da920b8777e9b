//@ refused: the last worker is done after
// Divided evenly by number, and not by work.

pub fn for_tiny_tasks() -> usize {
    2000
}

pub fn for_uneven_tasks() -> usize {
    15
}

pub fn for_a_spectator() -> usize {
    1
}
