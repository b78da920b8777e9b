use std::collections::BTreeSet;

use proptest::prelude::*;

use super::WaitGraph;

/// Threads that each take some locks, one after the other, and then give all of them back. Step by
/// step, one thread that can go on does so.
struct Run {
    orders: Vec<Vec<u8>>,
    /// How many locks each thread has. Those that have all give them back in their next step.
    held: Vec<usize>,
    waits: Vec<Option<u8>>,
    graph: WaitGraph<usize, u8>,
}

impl Run {
    fn new(orders: Vec<Vec<u8>>) -> Run {
        let (held, waits) = (vec![0; orders.len()], vec![None; orders.len()]);
        Run { orders, held, waits, graph: WaitGraph::default() }
    }

    fn has(&self, lock: u8) -> Option<usize> {
        (0..self.orders.len())
            .find(|&thread| self.orders[thread][..self.held[thread]].contains(&lock))
    }

    /// The threads that can never go on, found without following any path: all but those that can,
    /// those that wait for one of them, and so on.
    fn stuck(&self) -> BTreeSet<usize> {
        let mut stuck: BTreeSet<usize> = (0..self.orders.len()).collect();
        loop {
            let free = stuck.iter().copied().find(|&thread| {
                let holder = self.waits[thread].and_then(|lock| self.has(lock));
                holder.is_none_or(|holder| !stuck.contains(&holder))
            });
            match free {
                Some(thread) => stuck.remove(&thread),
                None => return stuck,
            };
        }
    }

    /// Lets a thread go on, and returns the circle that this closes.
    fn step(&mut self, thread: usize) -> Option<Vec<(usize, u8)>> {
        let order = &self.orders[thread];
        let Some(&lock) = order.get(self.held[thread]) else {
            order.iter().for_each(|lock| self.graph.release(lock));
            self.held[thread] = 0;
            return None;
        };
        match self.has(lock) {
            None => {
                self.waits[thread] = None;
                self.held[thread] += 1;
                self.graph.acquire(thread, lock);
                None
            }
            Some(_) if self.waits[thread].is_some() => None, // it still waits
            Some(_) => {
                self.waits[thread] = Some(lock);
                self.graph.wait(thread, lock)
            }
        }
    }
}

/// Some locks for each of some threads, in any order; and whose turn it is.
fn runs() -> impl Strategy<Value = (Vec<Vec<u8>>, Vec<usize>)> {
    (2..6usize).prop_flat_map(|threads| {
        let order = proptest::sample::subsequence((0..5u8).collect::<Vec<_>>(), 1..=4);
        let orders = proptest::collection::vec(order.prop_shuffle(), threads);
        (orders, proptest::collection::vec(0..threads, 0..80))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn whoever_locks_in_one_order_is_never_accused((mut orders, turns) in runs()) {
        orders.iter_mut().for_each(|order| order.sort_unstable());
        let mut run = Run::new(orders);
        for thread in turns {
            prop_assert_eq!(run.step(thread), None);
            prop_assert!(run.stuck().is_empty());
        }
    }

    #[test]
    fn every_circle_is_found_the_moment_it_closes_and_no_other((orders, turns) in runs()) {
        let mut run = Run::new(orders);
        for thread in turns {
            let circle = run.step(thread);
            let stuck = run.stuck();
            prop_assert_eq!(circle.is_some(), !stuck.is_empty(), "{:?}: {:?}", stuck, run.graph);
            if let Some(circle) = circle {
                for (n, (thread, lock)) in circle.iter().enumerate() {
                    let (next, _) = circle[(n + 1) % circle.len()];
                    prop_assert_eq!(run.waits[*thread], Some(*lock));
                    prop_assert_eq!(run.has(*lock), Some(next));
                    prop_assert!(stuck.contains(thread));
                }
                return Ok(());
            }
        }
    }
}

#[test]
fn who_waits_for_its_own_lock_waits_for_ever() {
    let mut graph = WaitGraph::default();
    graph.acquire("me", "left");
    assert_eq!(graph.wait("me", "left"), Some(vec![("me", "left")]));
}
