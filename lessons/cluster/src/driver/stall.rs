//! Notices when a run gets nowhere, and knows why.

use std::time::{Duration, Instant};

/// How long to wait for the first host before mentioning that there is none.
const LONELY: Duration = Duration::from_secs(5);

/// Watches a run for movement: tasks that the server takes, answers that come, hosts that are busy.
#[derive(Debug)]
pub(super) struct StallWatch {
    private: bool,
    started: Instant,
    moved: Instant,
    /// Whether a host has ever been heard.
    company: bool,
    told_of_no_host: bool,
    /// Whether the server is gone.
    away: bool,
    /// Why the server takes no tasks.
    refused: Option<String>,
    /// Something odd that has come, which may be the reason.
    remark: Option<String>,
}

impl StallWatch {
    pub(super) fn new(private: bool, now: Instant) -> Self {
        StallWatch {
            private,
            started: now,
            moved: now,
            company: false,
            told_of_no_host: false,
            away: false,
            refused: None,
            remark: None,
        }
    }

    /// Something has moved; or nothing can, and neither the server nor the hosts are to blame.
    pub(super) fn moved(&mut self, now: Instant) {
        self.moved = now;
    }

    pub(super) fn task_was_taken(&mut self, now: Instant) {
        self.refused = None;
        self.moved = now;
    }

    pub(super) fn task_was_refused(&mut self, why: String) {
        self.refused = Some(why);
    }

    pub(super) fn host_was_heard(&mut self, is_busy: bool, now: Instant) {
        self.company = true;
        if is_busy {
            self.moved = now;
        }
    }

    pub(super) fn remark(&mut self, what: String) {
        self.remark = Some(what);
    }

    pub(super) fn is_longer_than(&self, limit: Duration, now: Instant) -> bool {
        now.saturating_duration_since(self.moved) > limit
    }

    /// What is worth telling a person now.
    pub(super) fn note(
        &mut self,
        connected: bool,
        has_tasks: bool,
        now: Instant,
    ) -> Option<&'static str> {
        if self.away == connected {
            self.away = !connected;
            return Some(if connected {
                "The NATS server is back"
            } else {
                "The NATS server is gone: waiting for it to come back"
            });
        }
        let waited = now.saturating_duration_since(self.started) > LONELY;
        if self.company || self.told_of_no_host || self.away || !has_tasks || !waited {
            return None;
        }
        self.told_of_no_host = true;
        Some(if self.private {
            "No host has shown up yet"
        } else {
            "No host has shown up yet: start one with `work`"
        })
    }

    /// Why nothing moves, and what helps.
    pub(super) fn reason(&self, url: &str) -> (String, &'static str) {
        const START_A_HOST: &str = "Start a host with `work`";
        let (why, cure) = if self.away {
            (format!("the NATS server at {url} is gone"), "Start it again on the same store")
        } else if let Some(refused) = &self.refused {
            let why = format!("the NATS server at {url} isn't accepting tasks ({refused})");
            (why, "Look in its log, fix the cause")
        } else if self.company {
            ("the hosts are gone or stuck".to_owned(), START_A_HOST)
        } else {
            ("no host has shown up".to_owned(), START_A_HOST)
        };
        match &self.remark {
            Some(remark) => (format!("{why}; {remark}"), cure),
            None => (why, cure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_busy_host_is_movement_and_an_idle_one_is_not() {
        let start = Instant::now();
        let mut watch = StallWatch::new(false, start);
        watch.host_was_heard(true, after(start, 50));
        assert!(!watch.is_longer_than(LIMIT, after(start, 100)));
        watch.host_was_heard(false, after(start, 100));
        assert!(watch.is_longer_than(LIMIT, after(start, 111)));
        assert_eq!(watch.reason("url").0, "the hosts are gone or stuck");
    }

    #[test]
    fn the_server_is_missed_once_and_welcomed_once() {
        let start = Instant::now();
        let mut watch = StallWatch::new(false, start);
        let mut note = |connected| watch.note(connected, true, start);
        assert_eq!(note(true), None);
        assert!(note(false).unwrap().contains("is gone"));
        assert_eq!(note(false), None);
        assert!(note(true).unwrap().contains("is back"));
        assert_eq!(note(true), None);
    }

    #[test]
    fn that_there_is_no_host_is_mentioned_once_and_only_if_there_are_tasks() {
        let start = Instant::now();
        let mut watch = StallWatch::new(true, start);
        assert_eq!(watch.note(true, true, after(start, 4)), None);
        assert_eq!(watch.note(true, false, after(start, 6)), None);
        assert_eq!(watch.note(true, true, after(start, 7)), Some("No host has shown up yet"));
        assert_eq!(watch.note(true, true, after(start, 8)), None);
    }

    #[test]
    fn the_reason_is_what_went_wrong_last() {
        let start = Instant::now();
        let mut watch = StallWatch::new(false, start);
        assert_eq!(watch.reason("url").0, "no host has shown up");
        watch.task_was_refused("it is full".to_owned());
        assert_eq!(
            watch.reason("url").0,
            "the NATS server at url isn't accepting tasks (it is full)"
        );
        watch.task_was_taken(start);
        watch.remark("odd things came".to_owned());
        assert_eq!(watch.reason("url").0, "no host has shown up; odd things came");
        watch.note(false, true, start);
        assert_eq!(watch.reason("url").1, "Start it again on the same store");
    }
}
