//! Who waits for whom.

use std::collections::HashMap;
use std::hash::Hash;

/// Which thread holds which lock, and which lock each thread waits for. It knows nothing of real
/// locks and clocks, so it can be tested with every schedule.
#[derive(Debug)]
pub(super) struct WaitGraph<T, L> {
    holders: HashMap<L, T>,
    waits: HashMap<T, L>,
}

impl<T, L> Default for WaitGraph<T, L> {
    fn default() -> Self {
        WaitGraph { holders: HashMap::new(), waits: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash, L: Clone + Eq + Hash> WaitGraph<T, L> {
    /// This thread has the lock now, and waits no longer.
    pub(super) fn acquire(&mut self, thread: T, lock: L) {
        self.waits.remove(&thread);
        self.holders.insert(lock, thread);
    }

    /// Nobody has the lock any more.
    pub(super) fn release(&mut self, lock: &L) {
        self.holders.remove(lock);
    }

    /// Who has the lock.
    pub(super) fn holder(&self, lock: &L) -> Option<&T> {
        self.holders.get(lock)
    }

    /// This thread waits for the lock from now on. If that closes a circle, returns it: each thread
    /// with the lock that it waits for, which the next one holds, and the last one's the first.
    ///
    /// A thread waits for one lock, and a lock has one holder. So there is one path to follow, and
    /// a circle leads back to this thread.
    pub(super) fn wait(&mut self, thread: T, lock: L) -> Option<Vec<(T, L)>> {
        self.waits.insert(thread.clone(), lock.clone());
        let mut circle = vec![(thread.clone(), lock)];
        loop {
            let (_, wanted) = circle.last()?;
            let holder = self.holders.get(wanted)?;
            if *holder == thread {
                return Some(circle);
            }
            if circle.iter().any(|(other, _)| other == holder) {
                return None; // a circle that others closed before
            }
            circle.push((holder.clone(), self.waits.get(holder)?.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
