//! Takes tasks back from the server when a run is stopped early.

use std::collections::HashMap;
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::streams::Streams;
use crate::wire::ALL_HEARD;

/// Tasks that were taken back. One of them may have been on its way to a host; then the host names
/// it in its next heartbeat.
#[derive(Debug)]
pub(super) struct Withdrawal {
    until: Instant,
    /// Their numbers, with their sequence numbers if the server had them.
    tasks: HashMap<u64, Option<u64>>,
}

impl Withdrawal {
    pub(super) fn new() -> Self {
        Withdrawal { until: Instant::now() + ALL_HEARD, tasks: HashMap::new() }
    }

    /// Adds a task that never came to the server.
    pub(super) fn add(&mut self, number: u64) {
        self.tasks.insert(number, None);
    }

    /// Deletes from the server those of these tasks that no host has been given.
    pub(super) async fn delete(&mut self, streams: &Streams, tasks: &HashMap<u64, Option<u64>>) {
        if let Ok(workers) = streams.workers.get_info().await {
            let delivered = workers.delivered.stream_sequence;
            let stored =
                tasks.iter().filter_map(|(number, sequence)| Some((*number, (*sequence)?)));
            let mut deleting: FuturesUnordered<_> = stored
                .filter(|(_, sequence)| *sequence > delivered)
                .map(|(number, sequence)| async move {
                    let deleted = streams.tasks.delete_message(sequence).await;
                    deleted.is_ok().then_some((number, Some(sequence)))
                })
                .collect();
            while let Some(deleted) = deleting.next().await {
                self.tasks.extend(deleted);
            }
        }
        self.until = Instant::now() + ALL_HEARD;
    }

    /// A host has the tasks with these sequence numbers after all.
    pub(super) fn spare(&mut self, sequences: &[u64]) {
        self.tasks.retain(|_, sequence| sequence.is_none_or(|it| !sequences.contains(&it)));
    }

    /// Whether every host has had the time to say what it has.
    pub(super) fn is_settled(&self, now: Instant) -> bool {
        self.until < now
    }

    pub(super) fn into_numbers(self) -> Vec<u64> {
        self.tasks.into_keys().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_has_is_not_withdrawn() {
        let mut withdrawal = Withdrawal::new();
        withdrawal.add(1);
        withdrawal.tasks.extend([(2, Some(20)), (3, Some(30))]);
        withdrawal.spare(&[30, 40]);
        assert!(!withdrawal.is_settled(Instant::now()), "not before the next heartbeat");
        assert!(withdrawal.is_settled(Instant::now() + 2 * ALL_HEARD));
        let mut numbers = withdrawal.into_numbers();
        numbers.sort();
        assert_eq!(numbers, [1, 2]);
    }
}
