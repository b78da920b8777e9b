//! Which messages the server has to keep, because not all of the answers in them are safe yet.

use std::collections::HashMap;

/// Messages that were passed on to the iterator, until all of their answers are confirmed. Each has
/// a `T` with which it is then acknowledged.
#[derive(Debug)]
pub(super) struct Unconfirmed<T> {
    messages: HashMap<u64, Message<T>>,
}

#[derive(Debug)]
struct Message<T> {
    acker: T,
    /// How many of its answers are not safe yet. `None` until the iterator has read it.
    answers: Option<usize>,
}

impl<T> Unconfirmed<T> {
    pub(super) fn new() -> Self {
        Unconfirmed { messages: HashMap::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Whether there are messages that the iterator has not read yet.
    pub(super) fn has_unread(&self) -> bool {
        self.messages.values().any(|message| message.answers.is_none())
    }

    /// Takes note of a message. False if it is a repetition: the server sends a message again if it
    /// isn't acknowledged for a while.
    pub(super) fn add(&mut self, message: u64, acker: T) -> bool {
        if let Some(known) = self.messages.get_mut(&message) {
            known.acker = acker;
            return false;
        }
        self.messages.insert(message, Message { acker, answers: None });
        true
    }

    /// The iterator has read this message. Returns what acknowledges it, if it holds no answers.
    pub(super) fn read(&mut self, message: u64, answers: usize) -> Option<T> {
        self.messages.get_mut(&message)?.answers = Some(answers);
        self.take_if_safe(message)
    }

    /// An answer in this message is safe. Returns what acknowledges it, if it was the last one.
    pub(super) fn confirm(&mut self, message: u64) -> Option<T> {
        let answers = self.messages.get_mut(&message)?.answers.as_mut()?;
        *answers = answers.saturating_sub(1);
        self.take_if_safe(message)
    }

    fn take_if_safe(&mut self, message: u64) -> Option<T> {
        if self.messages.get(&message)?.answers != Some(0) {
            return None;
        }
        self.messages.remove(&message).map(|message| message.acker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_acknowledged_when_its_last_answer_is_confirmed() {
        let mut unconfirmed = Unconfirmed::new();
        assert!(unconfirmed.add(7, "acker"));
        assert!(unconfirmed.has_unread());
        assert_eq!(unconfirmed.read(7, 2), None);
        assert!(!unconfirmed.has_unread());
        assert_eq!(unconfirmed.confirm(7), None);
        assert_eq!(unconfirmed.confirm(7), Some("acker"));
        assert!(unconfirmed.is_empty());
        assert_eq!(unconfirmed.confirm(7), None, "once");
    }

    #[test]
    fn a_message_that_comes_again_is_acknowledged_with_the_newer_acker() {
        let mut unconfirmed = Unconfirmed::new();
        assert!(unconfirmed.add(7, "old"));
        assert!(!unconfirmed.add(7, "new"));
        assert_eq!(unconfirmed.read(7, 1), None);
        assert_eq!(unconfirmed.confirm(7), Some("new"));
    }

    #[test]
    fn a_message_without_answers_is_acknowledged_when_it_is_read() {
        let mut unconfirmed = Unconfirmed::new();
        unconfirmed.add(7, "acker");
        assert_eq!(unconfirmed.read(7, 0), Some("acker"));
        assert!(unconfirmed.is_empty() && !unconfirmed.has_unread());
    }
}
