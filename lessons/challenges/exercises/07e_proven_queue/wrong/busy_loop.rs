//@ refused: nobody waits for ever

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
            drop(items);
            items = self.items.lock();
        }
        items.push_back(item);
        self.changed.notify_all();
    }

    pub fn pop(&self) -> u32 {
        let mut items = self.items.lock();
        while items.is_empty() {
            drop(items);
            items = self.items.lock();
        }
        let item = items.pop_front().expect("woken up, and the queue is empty");
        self.changed.notify_all();
        item
    }
}
