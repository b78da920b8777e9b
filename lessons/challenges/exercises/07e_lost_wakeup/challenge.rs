// The call that nobody heard.
//
// Threads `pass` a gate, and wait there until another one has called `open`. From then on nobody
// waits any more. Tests never failed, until shuttle printed this:
//
//            1       2         3       4         5         6        7       8
//     main                     [lock]  [unlock]  [notify]
//     guest  [lock]  [unlock]                              [lock]           [waits for the gate···
//     open   false             true
//
// Read it, and see what the guest knows at 7. Then mend the gate, for any number of guests. While
// they wait, they sleep.

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
        todo!("nobody may open the gate between the look and the wait")
    }

    pub fn open(&self) {
        *self.is_open.lock() = true;
        self.opened.notify_one();
    }
}
