//! How many tasks to ask the server for.

use std::time::{Duration, Instant};

use async_nats::StatusCode;

/// How long the server keeps a request while there are no tasks.
pub(super) const EXPIRES: Duration = Duration::from_secs(5);

/// What the server was asked for. A host asks for as many tasks as it has free workers, because it
/// can't give back what it doesn't begin.
#[derive(Debug)]
pub(super) struct Requests {
    workers: usize,
    /// How many tasks were asked for and have not come.
    pending: usize,
    asked: Instant,
    may_ask: bool,
}

impl Requests {
    pub(super) fn new(workers: usize, now: Instant) -> Self {
        Requests { workers, pending: 0, asked: now, may_ask: true }
    }

    /// How many tasks to ask for, with this many in hand.
    pub(super) fn wanted(&self, in_hand: usize) -> usize {
        if self.may_ask { self.workers.saturating_sub(in_hand + self.pending) } else { 0 }
    }

    /// Whether to ask for so few at once, or to wait for more workers to be free.
    pub(super) fn is_worthwhile(&self, wanted: usize) -> bool {
        wanted * 4 >= self.workers
    }

    pub(super) fn asked(&mut self, tasks: usize, now: Instant) {
        self.pending += tasks;
        self.asked = now;
    }

    pub(super) fn task_came(&mut self) {
        self.pending = self.pending.saturating_sub(1);
    }

    /// The server says something about a request; perhaps how many of its tasks have not come.
    pub(super) fn server_said(&mut self, status: StatusCode, missing: Option<usize>) {
        match status {
            StatusCode::IDLE_HEARTBEAT => (),
            // A request has expired.
            StatusCode::TIMEOUT => {
                self.pending = self.pending.saturating_sub(missing.unwrap_or(self.pending));
            }
            // It refuses them. Asking again at once would not help.
            _ => {
                self.pending = 0;
                self.may_ask = false;
            }
        }
    }

    /// The server has forgotten all requests.
    pub(super) fn are_forgotten(&mut self) {
        self.pending = 0;
    }

    /// Asks again from time to time, whatever the server said.
    pub(super) fn tick(&mut self, now: Instant) {
        const LOST: Duration = Duration::from_secs(3);
        self.may_ask = true;
        if now.saturating_duration_since(self.asked) > EXPIRES + LOST {
            self.pending = 0; // they have expired, and we didn't hear of it
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_tasks_are_asked_for_as_there_are_free_workers() {
        let now = Instant::now();
        let mut requests = Requests::new(8, now);
        assert_eq!(requests.wanted(3), 5);
        requests.asked(5, now);
        assert_eq!(requests.wanted(3), 0);
        requests.task_came();
        assert_eq!(requests.wanted(4), 0, "it is in hand");
        assert_eq!(requests.wanted(2), 2, "two have ended");
    }

    #[test]
    fn what_expires_is_asked_for_again() {
        let now = Instant::now();
        let mut requests = Requests::new(8, now);
        requests.asked(8, now);
        requests.server_said(StatusCode::TIMEOUT, Some(6));
        assert_eq!(requests.wanted(0), 6);
        requests.tick(now + EXPIRES);
        assert_eq!(requests.wanted(0), 6);
        requests.tick(now + 2 * EXPIRES);
        assert_eq!(requests.wanted(0), 8, "nothing can be pending any more");
    }

    #[test]
    fn who_is_refused_waits_before_asking_again() {
        let now = Instant::now();
        let mut requests = Requests::new(8, now);
        requests.asked(8, now);
        requests.server_said(StatusCode::NO_RESPONDERS, None);
        assert_eq!(requests.wanted(0), 0);
        requests.tick(now);
        assert_eq!(requests.wanted(0), 8);
    }
}
