// One guard, from the look to the wait, which gives the lock back only when it waits. And all are
// called.

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
        let mut is_open = self.is_open.lock();
        while !*is_open {
            is_open = self.opened.wait(is_open);
        }
    }

    pub fn open(&self) {
        *self.is_open.lock() = true;
        self.opened.notify_all();
    }
}
