//! What the hosts did and when, on one clock, although each host has a clock of its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hands::timeline::{LIMIT, Span, Trace, row_order};

use crate::wire::HostSpan;

/// The spans that came with the results of a run.
///
/// A host says how long *before it sent a result* each span began and ended, and the server notes
/// when it got that result. So all spans are known by one clock, the server's. The driver compares
/// that clock with its own whenever a result comes. The smallest difference is the best one,
/// because that result spent the least time on its way.
#[derive(Debug, Default)]
pub struct HostSpans(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    rows: HashMap<String, HostRow>,
    spans: usize,
    dropped: u64,
    clocks: Option<Clocks>,
}

/// A row of a host: its process, and its spans. Here they begin and end by the server's clock.
#[derive(Debug)]
struct HostRow {
    process: u32,
    spans: Vec<HostSpan>,
}

/// One moment by two clocks.
#[derive(Debug, Clone, Copy)]
struct Clocks {
    ours: Instant,
    server: Duration,
}

impl Clocks {
    /// What our clock showed when the server's showed this.
    fn ours(self, server: Duration) -> Option<Instant> {
        match server.checked_sub(self.server) {
            Some(later) => self.ours.checked_add(later),
            None => self.ours.checked_sub(self.server - server),
        }
    }
}

impl HostSpans {
    pub(super) fn add(
        &self,
        host: &str,
        process: u32,
        spans: Vec<HostSpan>,
        published: Duration,
        received: Instant,
    ) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let clocks = seen.clocks.get_or_insert(Clocks { ours: received, server: published });
        if clocks.ours(published).is_none_or(|expected| received < expected) {
            *clocks = Clocks { ours: received, server: published };
        }
        for span in spans {
            if seen.spans == LIMIT {
                seen.dropped += 1;
                continue;
            }
            seen.spans += 1;
            let row = seen.rows.entry(format!("{host} {}", span.row));
            let row = row.or_insert(HostRow { process, spans: Vec::new() });
            let by_server = |ago| published.saturating_sub(ago);
            let (began, ended) = (by_server(span.began), by_server(span.ended));
            row.spans.push(HostSpan { began, ended, ..span });
        }
    }

    /// Adds the hosts' rows to a trace that ends now.
    pub fn add_to(&self, trace: &mut Trace) {
        let now = Instant::now();
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(clocks) = seen.clocks else { return };
        let (begin, end) = (trace.start(), trace.end());
        let moment = |server| {
            let ago = clocks.ours(server).map(|ours| now.saturating_duration_since(ours));
            end.saturating_sub(ago.unwrap_or_default()).max(begin)
        };
        let mut names: Vec<&String> = seen.rows.keys().collect();
        names.sort_by_key(|name| row_order(name));
        for name in names {
            let HostRow { process, spans } = &seen.rows[name];
            let row = trace.add_row(name, *process);
            for HostSpan { name, began, ended, computed, .. } in spans {
                let span = Span::new(row, name, moment(*began), moment(*ended));
                trace.add(span.with_computed(*computed));
            }
        }
        trace.add_dropped(seen.dropped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_two_hosts_lie_on_one_clock_whatever_theirs_say() {
        let ms = Duration::from_millis;
        let server = Duration::from_secs(1_800_000_000); // it has nothing to do with our clock
        let begin = Instant::now() - ms(1000);
        let host_spans = HostSpans::default();
        let span = |name: &str, began, ended| HostSpan {
            row: "worker 1".to_owned(),
            name: name.to_owned(),
            began: ms(began),
            ended: ms(ended),
            computed: Some(ms(7)),
        };
        // Sent after 100 and 150 ms. The second one took less time, so it sets the clock.
        host_spans.add("b", 2, vec![span("slow", 90, 40)], server + ms(100), begin + ms(130));
        host_spans.add("a", 1, vec![span("quick", 120, 0)], server + ms(150), begin + ms(151));
        let mut trace = Trace::new("hosts", ms(0), ms(5000));
        host_spans.add_to(&mut trace);

        let rows: Vec<(&str, u32)> = trace.rows().iter().map(|row| (&*row.name, row.pid)).collect();
        assert_eq!(rows, [("a worker 1", 1), ("b worker 1", 2)]);
        let [quick, slow] = trace.spans() else { panic!("{:?}", trace.spans()) };
        assert_eq!((quick.row, &*quick.name, quick.length()), (0, "quick", ms(120)));
        assert_eq!((slow.row, &*slow.name, slow.length()), (1, "slow", ms(50)));
        assert_eq!((quick.computed, slow.computed), (Some(ms(7)), Some(ms(7))));
        assert_eq!(quick.start - slow.start, ms(20), "10 ms after the beginning, and 30");
        assert!(slow.start <= ms(4011), "{:?}: a second before the end, and 11 ms", slow.start);
    }
}
