//@ refused: another process takes the rest
// A map in memory, one for each folder.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::rc::Rc;

#[derive(Default)]
struct Tasks {
    put: u64,
    all: BTreeMap<u64, String>,
}

pub struct Queue(Rc<RefCell<Tasks>>);

/// A task in the hands of this process.
pub struct Taken {
    number: u64,
    text: String,
    queue: Rc<RefCell<Tasks>>,
    is_done: bool,
}

thread_local! {
    static QUEUES: RefCell<BTreeMap<std::path::PathBuf, Rc<RefCell<Tasks>>>> = RefCell::default();
}

impl Queue {
    pub fn open(folder: &Path) -> io::Result<Queue> {
        let of = |queues: &RefCell<BTreeMap<_, Rc<RefCell<Tasks>>>>| {
            Rc::clone(queues.borrow_mut().entry(folder.to_owned()).or_default())
        };
        Ok(Queue(QUEUES.with(of)))
    }

    pub fn put(&mut self, task: &str) -> io::Result<()> {
        let mut tasks = self.0.borrow_mut();
        let number = tasks.put;
        tasks.put += 1;
        tasks.all.insert(number, task.to_owned());
        Ok(())
    }

    pub fn take(&mut self) -> io::Result<Option<Taken>> {
        let first = self.0.borrow_mut().all.pop_first();
        let queue = Rc::clone(&self.0);
        Ok(first.map(|(number, text)| Taken { number, text, queue, is_done: false }))
    }
}

impl Taken {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn done(mut self) -> io::Result<()> {
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.is_done {
            self.queue.borrow_mut().all.insert(self.number, self.text.clone());
        }
    }
}
