//! Shared variables with a name, which note what happens to them. Compiled three times: the file
//! that includes this one says whose `sync` and `thread` these are.

use std::fmt::Debug;
use std::ops::{Deref, DerefMut};

use super::{sync, thread};
use crate::log::{self, Operation};
use sync::atomic::{AtomicU32, Ordering};

pub use sync::Arc;
pub use thread::JoinHandle;

/// Starts a thread with a name.
pub fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(run).expect("there is room for a thread")
}

/// Notes an operation of this thread, if anybody wants to know.
fn note(operation: impl FnOnce() -> Operation) {
    if log::is_on() {
        let thread = thread::current();
        let name = thread.name().filter(|name| !name.starts_with("main")).unwrap_or("main");
        log::push(operation().by(name));
    }
}

/// An atomic number.
#[derive(Debug)]
pub struct Number {
    name: &'static str,
    inner: AtomicU32,
}

impl Number {
    /// A number with a name.
    pub fn new(name: &'static str, value: u32) -> Self {
        log::variable(name, || value.to_string());
        Number { name, inner: AtomicU32::new(value) }
    }

    /// Reads it.
    pub fn load(&self) -> u32 {
        let value = self.inner.load(Ordering::SeqCst);
        note(|| Operation::new(format!("load {value}")));
        value
    }

    /// Writes it.
    pub fn store(&self, value: u32) {
        self.inner.store(value, Ordering::SeqCst);
        note(|| Operation::new(format!("store {value}")).sets(self.name, value));
    }

    /// Reads it and adds to it, in one operation. Returns what it read.
    pub fn fetch_add(&self, more: u32) -> u32 {
        let value = self.inner.fetch_add(more, Ordering::SeqCst);
        note(|| Operation::new(format!("add {more}")).sets(self.name, value + more));
        value
    }
}

/// A lock around a value.
#[derive(Debug)]
pub struct Mutex<T> {
    name: &'static str,
    inner: sync::Mutex<T>,
}

impl<T: Debug> Mutex<T> {
    /// A lock with a name.
    pub fn new(name: &'static str, value: T) -> Self {
        log::variable(
            name,
            || if size_of::<T>() > 0 { format!("{value:?}") } else { "free".into() },
        );
        Mutex { name, inner: sync::Mutex::new(value) }
    }

    /// Waits until nobody has the lock, and takes it.
    pub fn lock(&self) -> Guard<'_, T> {
        // A look first: only a thread that has to wait is noted as waiting.
        if log::is_on() {
            if let Ok(inner) = self.inner.try_lock() {
                return self.locked(inner);
            }
            note(|| Operation::new(format!("waits for {}", self.name)).waits(self.name));
        }
        self.locked(self.inner.lock().expect("no thread panics with the lock"))
    }

    fn locked<'m>(&'m self, inner: sync::MutexGuard<'m, T>) -> Guard<'m, T> {
        note(|| {
            Operation::new(format!("lock {}", self.name)).takes(self.name, size_of::<T>() == 0)
        });
        Guard { mutex: self, inner: Some(inner) }
    }
}

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub struct Guard<'m, T: Debug> {
    mutex: &'m Mutex<T>,
    /// `None` only while it is being dropped, or waits.
    inner: Option<sync::MutexGuard<'m, T>>,
}

impl<T: Debug> Guard<'_, T> {
    /// Notes what was just done to the value, and what it is now.
    pub fn did(&self, what: impl Into<String>) {
        let value = || format!("{:?}", &**self);
        note(|| Operation::new(what).sets(self.mutex.name, value()));
    }
}

impl<T: Debug> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("it has the lock")
    }
}

impl<T: Debug> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("it has the lock")
    }
}

impl<T: Debug> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        if self.inner.take().is_some() && !std::thread::panicking() {
            let name = self.mutex.name;
            note(|| Operation::new(format!("unlock {name}")).gives_back(name, size_of::<T>() == 0));
        }
    }
}

/// A place to wait until somebody calls.
#[derive(Debug)]
pub struct Condvar {
    name: &'static str,
    inner: sync::Condvar,
}

impl Condvar {
    /// A place with a name.
    pub fn new(name: &'static str) -> Self {
        Condvar { name, inner: sync::Condvar::new() }
    }

    /// Gives back the lock, waits until somebody notifies, and takes the lock again.
    pub fn wait<'m, T: Debug>(&self, mut guard: Guard<'m, T>) -> Guard<'m, T> {
        let (name, lock) = (self.name, guard.mutex.name);
        let inner = guard.inner.take().expect("it has the lock");
        let operation = || Operation::new(format!("waits for {name}"));
        note(|| operation().waits(name).gives_back(lock, size_of::<T>() == 0));
        guard.inner = Some(self.inner.wait(inner).expect("no thread panics with the lock"));
        note(|| Operation::new("wakes up").wakes(name).takes(lock, size_of::<T>() == 0));
        guard
    }

    /// Wakes all threads that wait.
    pub fn notify_all(&self) {
        self.inner.notify_all();
        note(|| Operation::new(format!("notify {}", self.name)).notifies(self.name));
    }

    /// Wakes one thread that waits, if there is one.
    pub fn notify_one(&self) {
        self.inner.notify_one();
        note(|| Operation::new(format!("notify {}", self.name)).notifies(self.name));
    }
}
