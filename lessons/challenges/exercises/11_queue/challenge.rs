// A queue on disk that survives kill -9.
//
// This one takes an evening, and has five milestones: the parts of its check, in this order. Stop
// after any of them. You need no crate for it: `std::fs` is enough, if you know what a rename and
// what a lock of a file (`File::lock`) promise.
//
// The queue lies in a folder. Several processes use it at the same time, each through a `Queue` of
// its own, and any of them may be killed at any moment.
//
// 1. `take` returns the task that was put first, of those that nobody has. A task is any text, and
//    comes back as it was. It's gone for good once `done` has returned; if a `Taken` is dropped
//    without that, its task is back in its place.
// 2. Whoever opens the queue later finds what is in it.
// 3. If a process is killed in the middle of `put`, the task is there as a whole or not at all.
//    Once `put` has returned, it's there.
// 4. Several processes put and take at the same time. No task is lost, none is taken by two, and
//    nobody waits until somebody else's task is done. What one process puts stays in its order.
// 5. If a process is killed while it has a task, the task is back in its place, and another process
//    can take it at once. What living processes have in hand isn't touched.
//
// Power cuts aren't asked for: what the system has taken is safe.

use std::io;
use std::path::Path;

pub struct Queue {
    tasks: Vec<String>,
}

/// A task in the hands of this process.
pub struct Taken {
    text: String,
}

impl Queue {
    /// Opens the queue in this folder, which exists. If it's empty, so is the queue.
    pub fn open(folder: &Path) -> io::Result<Queue> {
        let _ = folder;
        Ok(Queue { tasks: Vec::new() })
    }

    pub fn put(&mut self, task: &str) -> io::Result<()> {
        self.tasks.insert(0, task.to_owned()); // a beginning, in memory
        Ok(())
    }

    /// `None` if there is no task that nobody has.
    pub fn take(&mut self) -> io::Result<Option<Taken>> {
        Ok(self.tasks.pop().map(|text| Taken { text }))
    }
}

impl Taken {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn done(self) -> io::Result<()> {
        todo!("{} is done. And if it's dropped without that?", self.text)
    }
}
