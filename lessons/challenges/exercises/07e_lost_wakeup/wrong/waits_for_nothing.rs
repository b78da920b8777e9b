//@ refused: passed a closed gate

use schedules::random::{Condvar, Mutex};

pub struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub fn new() -> Gate {
        Gate { is_open: Mutex::new("open", false), opened: Condvar::new("the gate") }
    }

    pub fn pass(&self) {
        drop(self.is_open.lock());
    }

    pub fn open(&self) {
        *self.is_open.lock() = true;
        self.opened.notify_all();
    }
}
