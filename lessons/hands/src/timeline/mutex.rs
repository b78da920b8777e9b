//! A lock that is seen in the timeline: who waits for it, for how long, and who holds it.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, LockResult, PoisonError, TryLockError, TryLockResult};
use std::time::Duration;

use super::clock;
use super::entries::LockWait;
use super::recorder;
use super::span::Opened;
use super::wait_graph::WaitGraph;
use crate::eprintln;
use crate::sync::thread::{self, Thread};
use crate::sync::{self, Global};

/// Shorter waits are not recorded: there may be a million of them, and they add up to little.
const SHORT: Duration = Duration::from_micros(20);

/// A [`std::sync::Mutex`] with a name, which records each wait for it as a span, with whoever held
/// it. And it finds deadlocks: the moment a wait closes a circle, the program
/// [is told](on_deadlock).
///
/// ```
/// use hands::timeline::{Mutex, Timeline};
/// use std::{thread, time::Duration};
///
/// let timeline = Timeline::start("kitchen");
/// let oven = Mutex::new("oven", 20);
/// thread::scope(|s| {
///     for _ in 0..2 {
///         s.spawn(|| {
///             *oven.lock().unwrap() += 100;
///             let _hot = oven.lock().unwrap();
///             thread::sleep(Duration::from_millis(10));
///         });
///     }
/// });
/// assert_eq!(*oven.lock().unwrap(), 220);
/// for wait in timeline.stop().spans().iter().filter_map(|span| span.waits_for.as_ref()) {
///     assert_eq!(wait.lock, "oven");
/// }
/// ```
///
/// It is for looking, not for speed: each use also takes a lock that all of them share, for about a
/// hundred nanoseconds. Waits for anything else, such as a barrier or a channel, it doesn't know.
pub struct Mutex<T: ?Sized> {
    name: Name,
    inner: sync::Mutex<T>,
}

impl<T> Mutex<T> {
    /// A lock with this name around this value.
    pub fn new(name: impl Into<Cow<'static, str>>, value: T) -> Self {
        Mutex { name: Name(Arc::from(&*name.into())), inner: sync::Mutex::new(value) }
    }

    /// The value, without the lock.
    ///
    /// # Errors
    ///
    /// If a thread panicked while it held the lock. The error has the value.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits until nobody has the lock, and takes it.
    ///
    /// # Errors
    ///
    /// If a thread panicked while it held the lock. The error has the guard all the same.
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let me = Party(thread::current());
        let mut graph = lock(GRAPH.get());
        if let Some(locked) = self.take(&me, &mut graph) {
            return locked;
        }
        let holder = graph.holder(&self.name).map(|Party(holder)| recorder::name_of(holder));
        let circle = graph.wait(me.clone(), self.name.clone());
        drop(graph);

        let opened = Opened::now();
        let name = format!("wait for {}", self.name.0);
        let waits_for = LockWait { lock: self.name.0.to_string(), holder };
        recorder::begin_wait(&me.0, opened.at, &name, &waits_for);
        if let Some(circle) = circle {
            tell(Deadlock::new(&circle));
        }
        let locked = self.inner.lock();
        lock(GRAPH.get()).acquire(me.clone(), self.name.clone());
        recorder::end_wait(&me.0);
        if clock::now().saturating_sub(opened.at) >= SHORT {
            opened.record(name, Some(waits_for));
        }
        self.guarded(locked)
    }

    /// Takes the lock if nobody has it.
    ///
    /// # Errors
    ///
    /// If somebody has it, or a thread panicked while it held it. In the second case the error has
    /// the guard all the same.
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let locked = self.take(&Party(thread::current()), &mut lock(GRAPH.get()));
        Ok(locked.ok_or(TryLockError::WouldBlock)??)
    }

    /// Takes the lock if nobody has it: while the graph is locked, so that it always knows who has
    /// what.
    fn take(&self, me: &Party, graph: &mut Graph) -> Option<LockResult<MutexGuard<'_, T>>> {
        let locked = match self.inner.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Err(poisoned),
            Err(TryLockError::WouldBlock) => return None,
        };
        graph.acquire(me.clone(), self.name.clone());
        Some(self.guarded(locked))
    }

    fn guarded<'m>(
        &'m self,
        locked: LockResult<sync::MutexGuard<'m, T>>,
    ) -> LockResult<MutexGuard<'m, T>> {
        let guard = |inner| MutexGuard { name: &self.name, inner: Some(inner) };
        locked.map(guard).map_err(|poisoned| PoisonError::new(guard(poisoned.into_inner())))
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").field("name", &self.name.0).finish_non_exhaustive()
    }
}

/// Holds the lock until it is dropped. Made by [`Mutex::lock`].
#[must_use = "the lock is given back when its guard is dropped"]
pub struct MutexGuard<'m, T: ?Sized> {
    name: &'m Name,
    /// `None` only while it is being dropped.
    inner: Option<sync::MutexGuard<'m, T>>,
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("it is not being dropped")
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("it is not being dropped")
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        let mut graph = lock(GRAPH.get());
        graph.release(self.name);
        self.inner = None; // while the graph is locked: nobody takes it unseen
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// A circle of threads, each of which waits for a lock that the next one holds, for ever. It prints
/// as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlock {
    /// The threads of the circle.
    pub threads: Vec<Stuck>,
}

/// A thread of a [`Deadlock`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stuck {
    /// The name of its row.
    pub thread: String,
    /// The name of the lock that it holds, and for which another one waits.
    pub holds: String,
    /// The name of the lock that it waits for.
    pub waits_for: String,
}

impl Deadlock {
    fn new(circle: &[(Party, Name)]) -> Self {
        let stuck = |n: usize| Stuck {
            thread: recorder::name_of(&circle[n].0.0),
            holds: circle[n.checked_sub(1).unwrap_or(circle.len() - 1)].1.0.to_string(),
            waits_for: circle[n].1.0.to_string(),
        };
        let mut threads: Vec<Stuck> = (0..circle.len()).map(stuck).collect();
        threads.sort_by(|a, b| a.thread.cmp(&b.thread));
        Deadlock { threads }
    }
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, Stuck { thread, holds, waits_for }) in self.threads.iter().enumerate() {
            let before = if n == 0 { "" } else { ", " };
            write!(f, "{before}{thread} holds {holds} and waits for {waits_for}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Deadlock {}

/// Calls `f` with each deadlock of [`Mutex`]es in this process, the moment it closes: on the thread
/// whose wait closed it, just before it begins to wait. The last such call counts. Without one, a
/// deadlock is printed to standard error.
///
/// ```
/// use hands::timeline::{Mutex, on_deadlock};
/// use std::{sync::mpsc, thread};
///
/// let (tell, told) = mpsc::channel();
/// on_deadlock(move |deadlock| tell.send(deadlock.to_string()).unwrap());
/// thread::Builder::new().name("hermit".to_owned()).spawn(|| {
///     let door = Mutex::new("the door", ());
///     let _inside = door.lock();
///     let _again = door.lock(); // for ever
/// })?;
/// assert_eq!(told.recv()?, "hermit holds the door and waits for the door");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn on_deadlock(f: impl Fn(Deadlock) + Send + Sync + 'static) {
    *lock(LISTENER.get()) = Some(Arc::new(f));
}

fn tell(deadlock: Deadlock) {
    let listener = lock(LISTENER.get()).clone(); // it may listen for a long time
    match listener {
        Some(listener) => listener(deadlock),
        None => eprintln!("Deadlock: {deadlock}"),
    }
}

type Graph = WaitGraph<Party, Name>;

static GRAPH: Global<sync::Mutex<Graph>> = Global::new(|| sync::Mutex::new(Graph::default()));
static LISTENER: Global<sync::Mutex<Option<Listener>>> = Global::new(|| sync::Mutex::new(None));

type Listener = Arc<dyn Fn(Deadlock) + Send + Sync>;

/// Nothing in here panics between two changes that belong together.
fn lock<T>(mutex: &sync::Mutex<T>) -> sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread, which is known by its id.
#[derive(Clone, Debug)]
struct Party(Thread);

impl PartialEq for Party {
    fn eq(&self, other: &Party) -> bool {
        self.0.id() == other.0.id()
    }
}

impl Eq for Party {}

impl Hash for Party {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id().hash(state);
    }
}

/// A lock. Two locks with the same name are two.
#[derive(Clone, Debug)]
struct Name(Arc<str>);

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}
