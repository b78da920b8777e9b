//! Which token is below which, and which deadline comes next.
//!
//! This is a pure state machine. It knows neither threads nor clocks, and is told what time it is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// The tokens that haven't been cancelled, each with an `S` that is handed out when it is.
#[derive(Debug)]
pub(super) struct Graph<S> {
    nodes: BTreeMap<u64, Node<S>>,
    deadlines: BTreeSet<(Instant, u64)>,
}

#[derive(Debug)]
struct Node<S> {
    parents: Vec<u64>,
    children: BTreeSet<u64>,
    deadline: Option<Instant>,
    signal: S,
}

impl<S> Graph<S> {
    pub(super) const fn new() -> Self {
        Graph { nodes: BTreeMap::new(), deadlines: BTreeSet::new() }
    }

    /// Adds a token below its parents. If one of them isn't there, it has been cancelled, and so is
    /// the new token: its signal comes back.
    pub(super) fn add(
        &mut self,
        id: u64,
        parents: Vec<u64>,
        deadline: Option<Instant>,
        signal: S,
    ) -> Result<(), S> {
        if !parents.iter().all(|parent| self.nodes.contains_key(parent)) {
            return Err(signal);
        }
        for parent in &parents {
            self.nodes.entry(*parent).and_modify(|node| _ = node.children.insert(id));
        }
        self.deadlines.extend(deadline.map(|at| (at, id)));
        self.nodes.insert(id, Node { parents, children: BTreeSet::new(), deadline, signal });
        Ok(())
    }

    /// The signal of a token that hasn't been cancelled.
    pub(super) fn signal(&mut self, id: u64) -> Option<&mut S> {
        self.nodes.get_mut(&id).map(|node| &mut node.signal)
    }

    /// Forgets a token that nobody holds any more, nor any child of it.
    pub(super) fn remove(&mut self, id: u64) -> Option<S> {
        let node = self.take_out(id)?;
        debug_assert!(node.children.is_empty(), "a child keeps its parents");
        Some(node.signal)
    }

    /// Cancels a token and everything below it. Returns the signals of those that weren't cancelled
    /// before, parents first.
    pub(super) fn cancel(&mut self, id: u64) -> Vec<S> {
        let (mut signals, mut below) = (Vec::new(), vec![id]);
        while let Some(id) = below.pop() {
            if let Some(node) = self.take_out(id) {
                below.extend(node.children);
                signals.push(node.signal);
            }
        }
        signals
    }

    fn take_out(&mut self, id: u64) -> Option<Node<S>> {
        let node = self.nodes.remove(&id)?;
        for parent in &node.parents {
            self.nodes.entry(*parent).and_modify(|parent| _ = parent.children.remove(&id));
        }
        if let Some(at) = node.deadline {
            self.deadlines.remove(&(at, id));
        }
        Some(node)
    }

    /// Cancels every token whose deadline has come, and everything below it.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<S> {
        let mut signals = Vec::new();
        while let Some(&(at, id)) = self.deadlines.first()
            && at <= now
        {
            signals.append(&mut self.cancel(id));
        }
        signals
    }

    /// When the next deadline comes.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    /// What a token is, without any cleverness: its parents, its deadline, whether it was
    /// cancelled.
    struct Plain {
        parents: Vec<usize>,
        deadline: Option<Instant>,
        is_cancelled: bool,
        is_gone: bool,
    }

    fn is_cancelled(all: &[Plain], n: usize, now: Instant) -> bool {
        all[n].is_cancelled
            || all[n].deadline.is_some_and(|at| at <= now)
            || all[n].parents.iter().any(|parent| is_cancelled(all, *parent, now))
    }

    proptest! {
        /// Whatever is made, cancelled, dropped and left to expire: each token is cancelled exactly
        /// once, at the moment when it or anything above it is; and nothing is left behind.
        #[test]
        fn each_token_is_cancelled_once_with_whatever_is_above_it(
            choices in prop::collection::vec(any::<u16>(), 400),
        ) {
            let mut graph = Graph::new();
            let mut all: Vec<Plain> = Vec::new();
            let (mut signals, mut now) = (Vec::new(), Instant::now());
            let mut choices = choices.into_iter();
            let mut choose = |n: usize| choices.next().map(|choice| usize::from(choice) % n.max(1));
            while let (Some(action), Some(n), Some(m)) = (choose(8), choose(all.len()), choose(40)) {
                match action {
                    // One without parents, with one, or with two.
                    0..=3 => {
                        let mut parents = vec![n, m % all.len().max(1)];
                        parents.truncate(action.min(all.len()).min(2));
                        parents.dedup();
                        parents.retain(|parent| !all[*parent].is_gone);
                        let deadline = (m > 20).then(|| now + Duration::from_secs(m as u64));
                        let ids = parents.iter().map(|n| *n as u64).collect();
                        let (id, born_cancelled) =
                            (all.len(), parents.iter().any(|parent| is_cancelled(&all, *parent, now)));
                        let refused = graph.add(id as u64, ids, deadline, id);
                        prop_assert_eq!(refused, if born_cancelled { Err(id) } else { Ok(()) });
                        if born_cancelled {
                            signals.push(id);
                        }
                        all.push(Plain { parents, deadline, is_cancelled: born_cancelled, is_gone: false });
                    }
                    4 if !all.is_empty() => {
                        all[n].is_cancelled = true;
                        signals.append(&mut graph.cancel(n as u64));
                    }
                    5 => {
                        now += Duration::from_secs(m as u64 / 4);
                        signals.append(&mut graph.expire(now));
                        prop_assert!(graph.next_deadline().is_none_or(|next| next > now));
                    }
                    // Dropped, if it has no children.
                    6 if !all.is_empty() && !all.iter().any(|it| !it.is_gone && it.parents.contains(&n)) => {
                        let was_there = graph.remove(n as u64).is_some();
                        prop_assert_eq!(was_there, !all[n].is_gone && !is_cancelled(&all, n, now));
                        all[n].is_gone = true;
                    }
                    _ => {}
                }
                for (n, it) in all.iter().enumerate() {
                    let times = signals.iter().filter(|signal| **signal == n).count();
                    if it.is_gone {
                        prop_assert!(times <= 1);
                    } else {
                        prop_assert_eq!(times, usize::from(is_cancelled(&all, n, now)));
                        prop_assert_eq!(graph.signal(n as u64).is_some(), times == 0);
                    }
                }
            }
            for n in 0..all.len() {
                graph.cancel(n as u64);
            }
            prop_assert!(graph.nodes.is_empty() && graph.deadlines.is_empty());
        }
    }
}
