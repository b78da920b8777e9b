//@ refused: a deadlock

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
        let is_open = *self.is_open.lock();
        if !is_open {
            let guard = self.is_open.lock();
            drop(self.opened.wait(guard));
        }
    }

    pub fn open(&self) {
        *self.is_open.lock() = true;
        self.opened.notify_all();
    }
}
