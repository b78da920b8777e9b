//! What a trace adds up to.

use std::time::Duration;

use super::trace::{Span, Trace};

/// Where the time went: see [`Trace::summary`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// From the start of the run to its end.
    pub wall: Duration,
    /// The time of each row, in the order of [`Trace::rows`].
    pub rows: Vec<RowTime>,
    /// The longest span. However many workers there are, the run takes at least as long.
    pub longest: Option<Span>,
    /// The sum of the main row's spans during which no other row had one. No worker can shorten
    /// that.
    pub serial: Duration,
}

impl Summary {
    /// A bound that no number of workers can beat: the serial part, and the longest span after it.
    pub fn bound(&self) -> Duration {
        self.serial + self.longest.as_ref().map_or(Duration::ZERO, Span::length)
    }
}

/// Where the time of one row went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowTime {
    /// Time in spans.
    pub busy: Duration,
    /// Time that the pool itself took: see [`Row::overhead`](super::Row::overhead).
    pub overhead: Duration,
    /// The rest: waiting.
    pub idle: Duration,
}

impl Trace {
    /// The largest number of spans that went on at the same time.
    pub fn at_once(&self) -> usize {
        let begins = self.spans.iter().map(|span| (span.start, 1));
        let ends = self.spans.iter().map(|span| (span.end, -1));
        let mut changes: Vec<(Duration, i64)> = begins.chain(ends).collect();
        changes.sort_unstable(); // at the same time, an end comes before a beginning
        let running = changes.iter().scan(0, |running, (_, change)| {
            *running += change;
            Some(*running)
        });
        running.max().unwrap_or(0) as usize
    }

    /// Where the time went: busy, overhead and idle time of each row, and the bound on the whole.
    pub fn summary(&self) -> Summary {
        let wall = self.length();
        let mut rows: Vec<RowTime> = self
            .rows
            .iter()
            .map(|row| RowTime { overhead: row.overhead, ..RowTime::default() })
            .collect();
        for span in &self.spans {
            rows[span.row].busy += span.length();
        }
        for row in &mut rows {
            row.idle = wall.saturating_sub(row.busy + row.overhead);
        }
        let (main, others): (Vec<&Span>, Vec<&Span>) =
            self.spans.iter().partition(|span| span.row == 0);
        let (serial, longest_of) = if others.is_empty() {
            (Duration::ZERO, main)
        } else {
            let alone = |span: &&&Span| !others.iter().any(|other| other.overlaps(span));
            (main.iter().filter(alone).map(|span| span.length()).sum(), others)
        };
        let longest = longest_of.into_iter().max_by_key(|span| span.length()).cloned();
        Summary { wall, rows, longest, serial }
    }
}
