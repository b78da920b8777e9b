//! Which tasks of a run are under way: which of the answers that come ends one, and which is a
//! repetition. It knows neither clocks nor servers, so that tests can play every order of events.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::mem;

/// The tasks of one run, from the moment they are given until they have ended.
#[derive(Debug)]
pub(super) struct Ledger<A, T, E> {
    window: usize,
    next: u64,
    /// The tasks that have begun and not ended, each with its number and what the caller wants to
    /// remember.
    under_way: HashMap<A, (u64, T)>,
    /// Answers to tasks that an earlier driver gave and that we have not come to yet. `None` if
    /// there was no earlier driver, or if all tasks have begun.
    early: Option<HashMap<A, E>>,
}

/// What to do about a task.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Begun<E> {
    /// Give it to the server, under this number.
    Give(u64),
    /// Its answer is here already.
    Answered(E),
    /// It is under way already.
    Known,
}

impl<A: Eq + Hash + Clone, T, E> Ledger<A, T, E> {
    /// At most `window` tasks are under way. If the run is resumed, answers may come before their
    /// tasks begin.
    pub(super) fn new(window: usize, resumed: bool) -> Self {
        Ledger { window, next: 0, under_way: HashMap::new(), early: resumed.then(HashMap::new) }
    }

    pub(super) fn has_room(&self) -> bool {
        self.under_way.len() < self.window
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    pub(super) fn begin(&mut self, input: &A, remember: T) -> Begun<E> {
        if let Some(answer) = self.early.as_mut().and_then(|early| early.remove(input)) {
            return Begun::Answered(answer);
        }
        if self.under_way.contains_key(input) {
            return Begun::Known;
        }
        let number = self.next;
        self.next += 1;
        self.under_way.insert(input.clone(), (number, remember));
        Begun::Give(number)
    }

    /// Ends a task. `None` if it was not under way, because this is a repetition.
    pub(super) fn end(&mut self, input: &A) -> Option<(u64, T)> {
        self.under_way.remove(input)
    }

    /// Keeps an answer whose task has not begun. Returns one that isn't needed, because its task
    /// has ended.
    pub(super) fn keep(&mut self, input: A, answer: E) -> Option<E> {
        match &mut self.early {
            Some(early) => early.insert(input, answer),
            None => Some(answer),
        }
    }

    /// Forgets tasks that were taken back from the server before any host had them.
    pub(super) fn withdraw(&mut self, numbers: &[u64]) {
        let numbers: HashSet<&u64> = numbers.iter().collect();
        self.under_way.retain(|_, (number, _)| !numbers.contains(number));
    }

    /// No further task will begin. Returns the answers that nobody has asked for.
    pub(super) fn all_known(&mut self) -> impl Iterator<Item = E> + use<A, T, E> {
        mem::take(&mut self.early).into_iter().flatten().map(|(_, answer)| answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Plain = Ledger<&'static str, (), u8>;

    #[test]
    fn the_second_answer_to_a_task_is_a_repetition() {
        let mut ledger = Plain::new(2, false);
        assert_eq!(ledger.begin(&"a", ()), Begun::Give(0));
        assert_eq!(ledger.begin(&"b", ()), Begun::Give(1));
        assert!(!ledger.has_room());
        assert_eq!(ledger.end(&"a"), Some((0, ())));
        assert!(ledger.has_room());
        assert_eq!(ledger.end(&"a"), None);
        assert_eq!(ledger.keep("a", 7), Some(7), "nobody will ask for it");
        assert_eq!(ledger.under_way(), 1);
    }

    #[test]
    fn a_task_that_is_under_way_is_not_given_again() {
        let mut ledger = Plain::new(5, false);
        assert_eq!(ledger.begin(&"a", ()), Begun::Give(0));
        assert_eq!(ledger.begin(&"a", ()), Begun::Known);
        assert_eq!(ledger.under_way(), 1);
    }

    #[test]
    fn what_an_earlier_driver_has_left_answers_its_task_once() {
        let mut ledger = Plain::new(5, true);
        assert_eq!(ledger.keep("b", 1), None);
        assert_eq!(ledger.keep("c", 2), None);
        assert_eq!(ledger.begin(&"a", ()), Begun::Give(0));
        assert_eq!(ledger.begin(&"b", ()), Begun::Answered(1));
        assert_eq!(ledger.end(&"b"), None, "it has ended");
        assert_eq!(ledger.all_known().collect::<Vec<_>>(), [2]);
        assert_eq!(ledger.keep("d", 3), Some(3), "all tasks are known by now");
    }

    #[test]
    fn withdrawn_tasks_leave_room() {
        let mut ledger = Plain::new(2, false);
        ledger.begin(&"a", ());
        ledger.begin(&"b", ());
        ledger.withdraw(&[1]);
        assert!(ledger.has_room());
        assert_eq!(ledger.end(&"b"), None);
        assert_eq!(ledger.end(&"a"), Some((0, ())));
    }
}
