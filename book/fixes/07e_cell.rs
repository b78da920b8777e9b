// ANCHOR: fix
use std::sync::OnceLock;

static VALUE: OnceLock<u32> = OnceLock::new();

fn main() {
    VALUE.set(42).unwrap();
    println!("{:?}", VALUE.get());
}
// ANCHOR_END: fix
