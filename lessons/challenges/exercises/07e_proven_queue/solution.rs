// After each wait the question is asked again, and each change is told to all: those who wait for
// room and those who wait for an item wait at the same place.

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
        let mut items = self.items.lock();
        while items.len() == self.room {
            items = self.changed.wait(items);
        }
        items.push_back(item);
        self.changed.notify_all();
    }

    pub fn pop(&self) -> u32 {
        let mut items = self.items.lock();
        while items.is_empty() {
            items = self.changed.wait(items);
        }
        let item = items.pop_front().expect("woken up, and the queue is empty");
        self.changed.notify_all();
        item
    }
}
