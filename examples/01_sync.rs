//! One thing at a time.
fn main() {}
