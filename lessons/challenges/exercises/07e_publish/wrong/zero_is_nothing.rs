//@ refused: None when 0 was published

use schedules::loom::sync::atomic::{AtomicU32, Ordering};

pub struct Published {
    value: AtomicU32,
}

impl Published {
    pub fn new() -> Published {
        Published { value: AtomicU32::new(0) }
    }

    pub fn publish(&self, value: u32) {
        self.value.store(value, Ordering::Release);
    }

    pub fn read(&self) -> Option<u32> {
        Some(self.value.load(Ordering::Acquire)).filter(|value| *value != 0)
    }
}
