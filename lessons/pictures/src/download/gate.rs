//! A limit on the number of requests that one host gets at a time.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::lock::lock;

/// One gate per host.
#[derive(Debug)]
pub(super) struct Gates {
    limit: u64,
    hosts: Mutex<HashMap<String, Arc<Gate>>>,
}

/// A fair semaphore: first come, first served.
///
/// Everyone takes a ticket. Ticket number `t` may enter once more than `t - limit` others have
/// left, so two counters are all the state there is.
#[derive(Debug, Default)]
struct Gate {
    counts: Mutex<Counts>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    tickets: u64,
    left: u64,
}

/// Permission to ask one host; returned when dropped.
#[derive(Debug)]
pub(super) struct Pass(Arc<Gate>);

impl Gates {
    pub(super) fn new(limit: usize) -> Self {
        Gates { limit: limit.max(1) as u64, hosts: Mutex::default() }
    }

    /// Waits until it is this thread's turn to ask `host`.
    pub(super) fn enter(&self, host: &str) -> Pass {
        let gate = Arc::clone(lock(&self.hosts).entry(host.to_owned()).or_default());
        let mut counts = lock(&gate.counts);
        let ticket = counts.tickets;
        counts.tickets += 1;
        while ticket >= counts.left + self.limit {
            counts = gate.left.wait(counts).unwrap_or_else(PoisonError::into_inner);
        }
        drop(counts);
        Pass(gate)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        lock(&self.0.counts).left += 1;
        self.0.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;

    #[test]
    fn never_more_than_the_limit_enter_and_all_get_in() {
        let gates = Gates::new(3);
        let (inside, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|s| {
            for _ in 0..12 {
                s.spawn(|| {
                    for _ in 0..50 {
                        let _pass = gates.enter("host");
                        most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
                        thread::yield_now();
                        inside.fetch_sub(1, SeqCst);
                        done.fetch_add(1, SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 600);
        assert!(most.into_inner() <= 3);
    }

    #[test]
    fn one_full_host_does_not_stop_another() {
        let gates = Gates::new(1);
        let _full = gates.enter("slow");
        let _other = gates.enter("quick");
    }
}
