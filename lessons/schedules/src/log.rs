//! What the threads of a program did, in the order in which they did it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::mem;
use std::process;
use std::time::Duration;

use hands::timeline::{LockWait, Span, Trace};

thread_local! {
    /// Shuttle runs all threads of a program on one thread of the system, so one log will do.
    static LOG: RefCell<Log> = RefCell::default();
    static IS_ON: Cell<bool> = const { Cell::new(false) };
}

/// Whether operations are noted on this thread.
pub(crate) fn is_on() -> bool {
    IS_ON.get()
}

/// Forgets what was noted before, and notes what happens from now on.
pub(crate) fn begin() {
    LOG.take();
    IS_ON.set(true);
}

/// Stops, and draws what was noted.
pub(crate) fn end(name: &str) -> Trace {
    IS_ON.set(false);
    LOG.take().trace(name)
}

/// Notes that there is a variable.
pub(crate) fn variable(name: &str, value: impl FnOnce() -> String) {
    if is_on() {
        LOG.with_borrow_mut(|log| log.variables.push((name.to_owned(), value())));
    }
}

/// Notes an operation.
pub(crate) fn push(operation: Operation) {
    LOG.with_borrow_mut(|log| log.push(operation));
}

/// What a thread did at one moment.
#[derive(Debug, Default)]
pub(crate) struct Operation {
    thread: String,
    name: String,
    /// A variable, and its new value.
    sets: Option<(String, String)>,
    waits_for: Option<LockWait>,
    /// The lock that it has from now on, or not any more.
    takes: Option<String>,
    wakes: Option<String>,
    notifies: Option<String>,
}

impl Operation {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Operation { name: name.into(), ..Operation::default() }
    }

    pub(crate) fn by(self, thread: &str) -> Self {
        Operation { thread: thread.to_owned(), ..self }
    }

    pub(crate) fn sets(self, variable: &str, value: impl ToString) -> Self {
        Operation { sets: Some((variable.to_owned(), value.to_string())), ..self }
    }

    /// Waits for a lock, or to be notified.
    pub(crate) fn waits(self, lock: &str) -> Self {
        Operation { waits_for: Some(LockWait { lock: lock.to_owned(), holder: None }), ..self }
    }

    /// Has a lock from now on. A lock around nothing is a variable: its value is who has it.
    pub(crate) fn takes(self, lock: &str, is_variable: bool) -> Self {
        let taken = Operation { takes: Some(lock.to_owned()), ..self };
        if is_variable { taken.sets(lock, "taken") } else { taken }
    }

    pub(crate) fn gives_back(self, lock: &str, is_variable: bool) -> Self {
        if is_variable { self.sets(lock, "free") } else { self }
    }

    /// Was notified.
    pub(crate) fn wakes(self, place: &str) -> Self {
        Operation { wakes: Some(place.to_owned()), ..self }
    }

    pub(crate) fn notifies(self, place: &str) -> Self {
        Operation { notifies: Some(place.to_owned()), ..self }
    }
}

#[derive(Debug, Default)]
struct Log {
    variables: Vec<(String, String)>,
    operations: Vec<Operation>,
    /// Who has each lock, or had it last, and who was the last to notify at each place.
    last: HashMap<String, String>,
}

impl Log {
    fn push(&mut self, mut operation: Operation) {
        let thread = operation.thread.clone();
        for place in [&operation.takes, &operation.notifies].into_iter().flatten() {
            self.last.insert(place.clone(), thread.clone());
        }
        if let (Some(_), Some((_, value))) = (&operation.takes, &mut operation.sets) {
            value.clone_from(&thread);
        }
        if let Some(wait) = &mut operation.waits_for {
            wait.holder = self.last.get(&wait.lock).cloned();
        }
        if let Some(place) = &operation.wakes {
            // Only now is it known for whom the thread has waited.
            let mut mine = self.operations.iter_mut().rev().filter(|it| it.thread == thread);
            if let Some(wait) = mine.find_map(|it| it.waits_for.as_mut()) {
                wait.holder = self.last.get(place).cloned();
            }
        }
        self.operations.push(operation);
    }

    /// A row for each thread and each variable. An operation takes a second, and a wait lasts until
    /// the thread goes on.
    fn trace(self, name: &str) -> Trace {
        let at = |n: usize| Duration::from_secs(n as u64);
        let end = self.operations.len();
        let mut trace = Trace::new(name, at(0), at(end));
        let mut threads: Vec<&str> = self.operations.iter().map(|it| &*it.thread).collect();
        threads.sort_unstable_by_key(|name| (*name != "main", *name));
        threads.dedup();
        for thread in &threads {
            trace.add_row(*thread, process::id());
        }
        for (n, operation) in self.operations.iter().enumerate() {
            let row = threads.iter().position(|it| *it == operation.thread).expect("it has a row");
            let later = self.operations.iter().enumerate().skip(n + 1);
            let next = later.into_iter().find(|(_, it)| it.thread == operation.thread);
            let until = match (&operation.waits_for, next) {
                (Some(_), Some((next, _))) => next,
                (Some(_), None) => end,
                (None, _) => n + 1,
            };
            let span = Span::new(row, &*operation.name, at(n), at(until));
            trace.add(span.with_wait(operation.waits_for.clone()));
        }
        for (variable, first) in self.variables {
            let row = trace.add_variable(&*variable, process::id());
            let (mut value, mut since) = (first, 0);
            for (n, operation) in self.operations.iter().enumerate() {
                let Some((_, new)) = operation.sets.as_ref().filter(|(it, _)| *it == variable)
                else {
                    continue;
                };
                // It has its new value once the operation is over.
                trace.add_span(row, mem::replace(&mut value, new.clone()), at(since), at(n + 1));
                since = n + 1;
            }
            if since < end || end == 0 {
                trace.add_span(row, value, at(since), at(end));
            }
        }
        trace
    }
}
