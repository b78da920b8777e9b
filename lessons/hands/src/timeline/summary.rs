//! What a trace adds up to.

use std::cmp::Reverse;
use std::time::Duration;

use super::entries::Span;
use super::trace::Trace;

/// A run was disturbed if it spent more than this share of its tasks' time waiting for cores that
/// others had.
const MUCH: f64 = 0.2;
/// A shorter delay proves nothing: the system counts in steps of 10 ms.
const SHORT: Duration = Duration::from_millis(50);

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
    /// Whether other programs had cores that this run could have used. The run shows it as waiting,
    /// and takes longer than it does on a quiet machine.
    pub disturbed: bool,
}

impl Summary {
    /// A bound that no number of workers can beat: the serial part, and the longest span after it.
    pub fn bound(&self) -> Duration {
        self.serial + self.longest.as_ref().map_or(Duration::ZERO, Span::length)
    }

    /// The times of all rows together.
    pub fn total(&self) -> RowTime {
        RowTime::sum(&self.rows)
    }
}

/// Where the time of one row went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowTime {
    /// Time with a task: in spans, where a span within another one counts only once.
    pub busy: Duration,
    /// How much of that the thread computed: [`Span::computed`] of all spans. `None` if that isn't
    /// known of each.
    pub computed: Option<Duration>,
    /// How long it waited for a core: see [`Row::delayed`](super::Row::delayed).
    pub delayed: Duration,
    /// Time that the pool itself took: see [`Row::overhead`](super::Row::overhead).
    pub overhead: Duration,
    /// The rest: there was no task.
    pub idle: Duration,
}

impl RowTime {
    /// How long it had a task and waited: for something, or for a core.
    pub fn waited(&self) -> Option<Duration> {
        Some(self.busy.saturating_sub(self.computed?))
    }

    /// The sums over these rows.
    pub fn sum<'r>(rows: impl IntoIterator<Item = &'r RowTime>) -> RowTime {
        let nothing = RowTime { computed: Some(Duration::ZERO), ..RowTime::default() };
        rows.into_iter().fold(nothing, |sum, row| RowTime {
            busy: sum.busy + row.busy,
            computed: sum.computed.zip(row.computed).map(|(a, b)| a + b),
            delayed: sum.delayed + row.delayed,
            overhead: sum.overhead + row.overhead,
            idle: sum.idle + row.idle,
        })
    }
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

    /// Where the time went: with a task, computing, in the pool itself and idle, for each row; and
    /// the bound on the whole.
    pub fn summary(&self) -> Summary {
        let wall = self.length();
        let rows = self.row_times(wall);
        // To wait for a lock is no task: other locks, or fewer workers, would shorten it.
        let tasks = self.spans.iter().filter(|span| span.waits_for.is_none());
        let (main, others): (Vec<&Span>, Vec<&Span>) = tasks.partition(|span| span.row == 0);
        let (serial, longest_of) = if others.is_empty() {
            (Duration::ZERO, main)
        } else {
            let alone = |span: &&&Span| !others.iter().any(|other| other.overlaps(span));
            (main.iter().filter(alone).map(|span| span.length()).sum(), others)
        };
        let longest = longest_of.into_iter().max_by_key(|span| span.length()).cloned();
        let disturbed = self.was_disturbed(&rows);
        Summary { wall, rows, longest, serial, disturbed }
    }

    fn row_times(&self, wall: Duration) -> Vec<RowTime> {
        let mut rows: Vec<RowTime> = self
            .rows
            .iter()
            .map(|row| RowTime {
                busy: Duration::ZERO,
                computed: Some(Duration::ZERO),
                delayed: row.delayed,
                overhead: row.overhead,
                idle: Duration::ZERO,
            })
            .collect();
        let mut spans: Vec<&Span> = self.spans.iter().collect();
        spans.sort_by_key(|span| (span.start, Reverse(span.end)));
        let mut until = vec![Duration::ZERO; rows.len()]; // what has been counted
        for span in spans {
            let (row, until) = (&mut rows[span.row], &mut until[span.row]);
            if span.end <= *until && span.start < *until {
                continue; // within another span
            }
            row.busy += span.end.saturating_sub(span.start.max(*until));
            row.computed = row.computed.zip(span.computed).map(|(a, b)| a + b);
            *until = span.end.max(*until);
        }
        for row in &mut rows {
            row.idle = wall.saturating_sub(row.busy + row.overhead);
        }
        rows
    }

    /// Whether tasks waited for a core while other programs had one.
    fn was_disturbed(&self, rows: &[RowTime]) -> bool {
        let (Some(elsewhere), Some(main)) = (self.elsewhere, self.rows.first()) else {
            return false;
        };
        let total = RowTime::sum(rows);
        let Some(computed) = total.computed else { return false };
        // Our own child processes are no disturbance, nor is what they pack and unpack.
        let ours = rows.iter().zip(&self.rows).filter(|(_, row)| row.pid != main.pid);
        let ours = RowTime::sum(ours.map(|(time, _)| time));
        let ours = ours.computed.unwrap_or_default() + ours.overhead;
        let waiting = total.busy.saturating_sub(computed);
        let taken = total.delayed.min(waiting).min(elsewhere.saturating_sub(ours));
        taken > SHORT.max(total.busy.mul_f64(MUCH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Two workers with a task each for a second: how long they computed, and had no core.
    fn run(computed: u64, delayed: u64, elsewhere: u64) -> Trace {
        let mut trace = Trace::new("run", ms(0), ms(1000));
        trace.add_row("main", 1);
        for name in ["worker 1", "worker 2"] {
            let row = trace.add_row(name, 1);
            trace.add(Span::new(row, "task", ms(0), ms(1000)).with_computed(ms(computed)));
            trace.add_delay(row, ms(delayed));
        }
        trace.elsewhere = Some(ms(elsewhere));
        trace
    }

    #[test]
    fn only_who_waits_for_cores_that_others_have_is_disturbed() {
        assert!(!run(980, 10, 20).summary().disturbed, "a quiet machine");
        assert!(run(440, 500, 1100).summary().disturbed, "half of it has gone to others");
        assert!(!run(500, 490, 30).summary().disturbed, "they wait for each other");
        assert!(!run(3, 2, 1900).summary().disturbed, "who only sleeps needs no core");
        assert!(
            !run(30, 80, 1900).summary().disturbed,
            "it waits for answers, and for little else"
        );
        assert!(!run(980, 500, 1900).summary().disturbed, "it waited for a core between its tasks");
        let text = run(440, 500, 1100).text();
        let says = "Computing 44 % of the time it had a task, on a busy machine";
        assert!(text.contains(says), "{text}");
    }

    #[test]
    fn our_own_processes_are_no_disturbance() {
        let mut trace = run(440, 500, 1100);
        let child = trace.add_row("process 1", 2);
        trace.add(Span::new(child, "task", ms(0), ms(700)).with_computed(ms(500)));
        assert!(trace.summary().disturbed, "not all of it was ours");
        trace.add_overhead(child, ms(590));
        assert!(!trace.summary().disturbed, "the child packed its result");
    }

    #[test]
    fn a_span_within_another_counts_once() {
        let mut trace = Trace::new("run", ms(0), ms(1000));
        let row = trace.add_row("main", 1);
        trace.add(Span::new(row, "outer", ms(0), ms(500)).with_computed(ms(200)));
        trace.add(Span::new(row, "inner", ms(100), ms(300)).with_computed(ms(150)));
        trace.add(Span::new(row, "next", ms(500), ms(600)).with_computed(ms(100)));
        let time = trace.summary().rows[0];
        assert_eq!((time.busy, time.computed, time.idle), (ms(600), Some(ms(300)), ms(400)));
        trace.add_span(row, "unknown", ms(600), ms(700));
        assert_eq!(trace.summary().rows[0].computed, None, "not of each");
    }
}
