// The flag closes the parcel and opens it. The value itself needs no more than Relaxed.

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
        self.is_ready.store(true, Ordering::Release);
    }

    pub fn read(&self) -> Option<u32> {
        self.is_ready.load(Ordering::Acquire).then(|| self.value.load(Ordering::Relaxed))
    }
}
