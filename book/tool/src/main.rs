//! Builds the book, records what its steps print, and checks that the two still agree.
fn main() {}
