// Ready, and what else?
//
// One thread publishes a number; others read it, without a lock. A reader gets `None` or the
// number, and never a 0 that nobody has published.
//
// This is right on every PC, and wrong on a phone. The check asks loom, which knows what phones do.
// (It can't see a lock. With one, you would pass and learn nothing.)

use schedules::loom::sync::atomic::{AtomicBool, AtomicU32, Ordering};

pub struct Published {
    value: AtomicU32,
    is_ready: AtomicBool,
}

impl Published {
    pub fn new() -> Published {
        Published { value: AtomicU32::new(0), is_ready: AtomicBool::new(false) }
    }

    pub fn publish(&self, value: u32) {
        self.value.store(value, Ordering::Relaxed);
        self.is_ready.store(true, Ordering::Relaxed);
    }

    pub fn read(&self) -> Option<u32> {
        let is_ready = self.is_ready.load(Ordering::Relaxed);
        todo!("{is_ready}, but which value goes with that?")
    }
}
