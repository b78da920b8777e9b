use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

static IS_READY: AtomicBool = AtomicBool::new(false);
static VALUE: Cell<u32> = Cell::new(0);

fn main() {
    VALUE.set(42);
    IS_READY.store(true, Ordering::Release);
}
