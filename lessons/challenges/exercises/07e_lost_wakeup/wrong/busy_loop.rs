//@ refused: that a guest sleeps

use schedules::random::{Condvar, Mutex};

pub struct Gate {
    is_open: Mutex<bool>,
    _opened: Condvar,
}

impl Gate {
    pub fn new() -> Gate {
        Gate { is_open: Mutex::new("open", false), _opened: Condvar::new("the gate") }
    }

    pub fn pass(&self) {
        while !*self.is_open.lock() {}
    }

    pub fn open(&self) {
        *self.is_open.lock() = true;
    }
}
