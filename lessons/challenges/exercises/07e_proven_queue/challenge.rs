// A queue, proven.
//
// A queue with room for `room` items. `push` waits while it's full, `pop` while it's empty. Any
// number of threads push and pop. The check isn't content with luck: loom tries every schedule of
// a few small programs that use your queue.
//
// `Mutex` and `Condvar` are loom's. They have `lock`, `wait`, `notify_one` and `notify_all`. (A
// `Condvar` has a name here, which you choose.)

use std::collections::VecDeque;

use schedules::every::{Condvar, Mutex};

pub struct Queue {
    room: usize,
    items: Mutex<VecDeque<u32>>,
    changed: Condvar,
}

impl Queue {
    pub fn new(room: usize) -> Queue {
        let items = Mutex::new("items", VecDeque::new());
        Queue { room, items, changed: Condvar::new("a change") }
    }

    pub fn push(&self, item: u32) {
        todo!("wait while there are {} items, then add {item}", self.room)
    }

    pub fn pop(&self) -> u32 {
        let mut items = self.items.lock();
        if items.is_empty() {
            items = self.changed.wait(items);
        }
        items.pop_front().expect("woken up, and the queue is empty")
    }
}
