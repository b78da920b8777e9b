//! All tokens of this program that have parents, children or listeners; and the thread that watches
//! their deadlines.

use std::convert::Infallible;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock, PoisonError, Weak};
use std::time::Instant;

use crossbeam::channel::Receiver;

use super::graph::Graph;
use crate::sync::atomic::{AtomicBool, AtomicU8, Ordering, fence};
use crate::sync::{Condvar, Global, Mutex, MutexGuard, thread};

/// What all clones of a token share.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) id: u64,
    /// One of the constants below.
    state: AtomicU8,
    /// Whether the graph knows it. A token on its own needs no place there, and most are.
    is_linked: AtomicBool,
    /// The earliest deadline of this token and everything above it.
    pub(super) deadline: Option<Instant>,
    parents: Vec<Arc<Core>>,
    pub(super) channel: OnceLock<Receiver<Infallible>>,
}

pub(super) const LIVE: u8 = 0;
pub(super) const ASKED: u8 = 1;
pub(super) const EXPIRED: u8 = 2;

/// What happens when a token is cancelled.
struct Signal {
    core: Weak<Core>,
    listeners: Vec<Box<dyn FnOnce() + Send>>,
}

struct Registry {
    graph: Graph<Signal>,
    has_thread: bool,
}

static REGISTRY: Global<Mutex<Registry>> =
    Global::new(|| Mutex::new(Registry { graph: Graph::new(), has_thread: false }));

/// Wakes the thread that watches the deadlines.
static EARLIER: Global<Condvar> = Global::new(Condvar::new);

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.get().lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    /// A token on its own.
    pub(super) fn new(deadline: Option<Instant>) -> Arc<Core> {
        Arc::new(Core {
            id: next_id(),
            state: AtomicU8::new(LIVE),
            is_linked: AtomicBool::new(false),
            deadline,
            parents: Vec::new(),
            channel: OnceLock::new(),
        })
    }

    /// A token that is cancelled with any of its parents, and at `deadline` at the latest.
    pub(super) fn below(parents: Vec<Arc<Core>>, deadline: Option<Instant>) -> Arc<Core> {
        let of_parents = parents.iter().filter_map(|parent| parent.deadline).min();
        let core = Arc::new(Core {
            id: next_id(),
            state: AtomicU8::new(LIVE),
            is_linked: AtomicBool::new(true),
            deadline: deadline.into_iter().chain(of_parents).min(),
            parents,
            channel: OnceLock::new(),
        });
        let ids = core.parents.iter().map(|parent| parent.id).collect();
        // A parent's deadline reaches its children anyway.
        let own = deadline.filter(|own| of_parents.is_none_or(|theirs| *own < theirs));
        let mut registry = registry();
        core.parents.iter().for_each(|parent| registry.link(parent));
        let signal = Signal { core: Arc::downgrade(&core), listeners: Vec::new() };
        if registry.graph.add(core.id, ids, own, signal).is_err() {
            drop(registry);
            let why = core.parents.iter().map(|parent| parent.state()).find(|why| *why != LIVE);
            core.set(why.unwrap_or(ASKED));
        }
        core
    }

    pub(super) fn is_alone(&self) -> bool {
        self.parents.is_empty() && self.deadline.is_none()
    }

    #[inline]
    pub(super) fn state(&self) -> u8 {
        self.state.load(Ordering::Acquire)
    }

    /// Sets why it was cancelled, unless that is known already.
    pub(super) fn set(&self, why: u8) {
        let _ = self.state.compare_exchange(LIVE, why, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Cancels this token and everything below it.
    pub(super) fn cancel(&self) {
        self.set(ASKED);
        fence(Ordering::SeqCst); // see `link`
        if self.is_linked.load(Ordering::Acquire) {
            let mut registry = registry();
            let signals = registry.graph.cancel(self.id);
            registry.dismiss_idle_thread();
            drop(registry);
            fire(signals, ASKED);
        }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        if self.is_linked.load(Ordering::Acquire) {
            let mut registry = registry();
            let signal = registry.graph.remove(self.id);
            registry.dismiss_idle_thread();
            drop(registry);
            drop(signal); // while the registry isn't locked
        }
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Has `listener` called once, when the token is cancelled. That's at once if it already is.
/// If the token is dropped first, so is the listener. Its deadline counts only after [`keep_time`].
pub(super) fn listen(core: &Arc<Core>, listener: Box<dyn FnOnce() + Send>) {
    let mut registry = registry();
    registry.link(core);
    if let Some(signal) = registry.graph.signal(core.id) {
        signal.listeners.push(listener);
    } else {
        drop(registry);
        listener();
    }
}

/// Has tokens cancelled at their deadlines, even if nobody looks at them.
pub(super) fn keep_time() {
    let mut registry = registry();
    if registry.has_thread {
        EARLIER.get().notify_one();
    } else {
        let thread = thread::Builder::new().name("deadlines".to_owned());
        registry.has_thread = thread.spawn(watch).is_ok();
    }
}

/// Cancels tokens when their time has come, and ends when there are no more deadlines.
fn watch() {
    let mut registry = registry();
    loop {
        let expired = registry.graph.expire(Instant::now());
        if !expired.is_empty() {
            drop(registry);
            fire(expired, EXPIRED);
            registry = self::registry();
            continue;
        }
        let Some(next) = registry.graph.next_deadline() else {
            registry.has_thread = false;
            return;
        };
        let left = next.saturating_duration_since(Instant::now());
        registry =
            EARLIER.get().wait_timeout(registry, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

impl Registry {
    /// Lets the thread end once there is no deadline left to watch.
    fn dismiss_idle_thread(&self) {
        if self.has_thread && self.graph.next_deadline().is_none() {
            EARLIER.get().notify_one();
        }
    }

    /// Gives a token its place in the graph, unless it has one or was cancelled before.
    fn link(&mut self, core: &Arc<Core>) {
        // `cancel` writes the state and then reads `is_linked`. Here it's the other way round, so
        // at least one of the two sees what the other has written: the fences between see to that.
        let was_linked = core.is_linked.swap(true, Ordering::AcqRel);
        fence(Ordering::SeqCst);
        if was_linked || core.state() != LIVE {
            return;
        }
        let signal = Signal { core: Arc::downgrade(core), listeners: Vec::new() };
        // It has no parents that could be missing.
        let _ = self.graph.add(core.id, Vec::new(), core.deadline, signal);
    }
}

/// Tells everybody who listens. The registry mustn't be locked.
fn fire(signals: Vec<Signal>, why: u8) {
    // First all tokens, so that a listener finds none that isn't cancelled yet.
    for core in signals.iter().filter_map(|signal| signal.core.upgrade()) {
        core.set(why);
    }
    signals.into_iter().flat_map(|signal| signal.listeners).for_each(|listener| listener());
}
