//! Three programs, each with one bug, and without. They are compiled three times: `Arc`, `Mutex`
//! and the others are those of real threads, of shuttle and of loom.

use super::{Arc, Condvar, Mutex, Number, spawn};

// ANCHOR: lost_update
pub(crate) fn lost_update(is_fixed: bool) {
    let count = Arc::new(Number::new("count", 41));
    let threads = ["thread 1", "thread 2"].map(|name| {
        let count = Arc::clone(&count);
        spawn(name, move || {
            if is_fixed {
                count.fetch_add(1); // one operation: nobody comes between
            } else {
                let value = count.load();
                count.store(value + 1);
            }
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let count = count.load();
    assert!(count == 43, "41 + 1 + 1 is {count}");
}
// ANCHOR_END: lost_update

// ANCHOR: deadlock
pub(crate) fn deadlock(is_fixed: bool) {
    let (left, right) = (Arc::new(Mutex::new("left", ())), Arc::new(Mutex::new("right", ())));
    let mine = (Arc::clone(&left), Arc::clone(&right));
    let theirs = if is_fixed { (left, right) } else { (right, left) };
    let both = |(first, second): (Arc<Mutex<()>>, Arc<Mutex<()>>)| {
        move || {
            let _first = first.lock();
            let _second = second.lock();
        }
    };
    let threads = [spawn("thread 1", both(mine)), spawn("thread 2", both(theirs))];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
// ANCHOR_END: deadlock

// ANCHOR: queue
/// A queue with room for one. Whoever finds it full or empty waits.
struct Queue {
    items: Mutex<Vec<u32>>,
    not_empty: Condvar,
    not_full: Condvar,
}

impl Queue {
    fn push(&self, item: u32) {
        let mut items = self.items.lock();
        while items.len() == 1 {
            items = self.not_full.wait(items);
        }
        items.push(item);
        items.did(format!("push {item}"));
        self.not_empty.notify_one();
    }

    fn pop(&self, is_fixed: bool) -> Option<u32> {
        let mut items = self.items.lock();
        if is_fixed {
            while items.is_empty() {
                items = self.not_empty.wait(items);
            }
        } else if items.is_empty() {
            items = self.not_empty.wait(items); // and what if another one was quicker?
        }
        let item = items.pop();
        items.did(item.map_or("finds nothing".to_owned(), |item| format!("pop {item}")));
        self.not_full.notify_one();
        item
    }
}

pub(crate) fn queue(is_fixed: bool) {
    let items = Mutex::new("queue", Vec::new());
    let (not_empty, not_full) = (Condvar::new("an item"), Condvar::new("room"));
    let queue = Arc::new(Queue { items, not_empty, not_full });
    let consumers = ["consumer 1", "consumer 2"].map(|name| {
        let queue = Arc::clone(&queue);
        spawn(name, move || queue.pop(is_fixed))
    });
    [1, 2].into_iter().for_each(|item| queue.push(item));
    let items = consumers.map(|consumer| consumer.join().unwrap());
    assert!(!items.contains(&None), "a consumer finds nothing");
}
// ANCHOR_END: queue
