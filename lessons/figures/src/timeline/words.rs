//! A trace in words and as a table, for people who can't see the picture.

use std::fmt::Write;
use std::time::Duration;

use hands::timeline::{Span, Trace, seconds};

use crate::table;

/// How many rows the table has. The rest are counted.
const ROWS: usize = 40;

/// The spans as a table in a folded `<details>`, for people who can't see the picture: the first
/// forty, in the order in which they began, and how many more there are.
pub fn table(trace: &Trace) -> String {
    let mut spans: Vec<&Span> = trace.spans().iter().collect();
    spans.sort_by_key(|span| (span.start, span.row));
    let rows = spans.iter().take(ROWS).map(|span| {
        let start = seconds(span.start.saturating_sub(trace.start()));
        [span.name.clone(), trace.rows()[span.row].name.clone(), start, seconds(span.length())]
    });
    table::table(["Task", "Worker", "Start", "Length"], rows, spans.len().saturating_sub(ROWS))
}

/// Says in a sentence or two what the picture shows.
pub(super) fn description(trace: &Trace) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let mut text = format!(
        "{} and {} in {}, at most {} at once.",
        count(trace.rows().len(), "row"),
        count(trace.spans().len(), "span"),
        seconds(trace.length()),
        trace.at_once(),
    );
    let summary = trace.summary();
    let busy: Vec<String> = trace
        .rows()
        .iter()
        .zip(&summary.rows)
        .filter(|(_, time)| !time.busy.is_zero())
        .map(|(row, time)| format!("{} {}", row.name, percent(time.busy, summary.wall)))
        .collect();
    if (1..=16).contains(&busy.len()) {
        let _ = write!(text, " Busy: {}.", busy.join(", "));
    }
    if trace.dropped() > 0 {
        let _ = write!(text, " {} more were not recorded.", trace.dropped());
    }
    text
}

/// A share of a whole: `25%`.
pub(super) fn percent(part: Duration, whole: Duration) -> String {
    format!("{:.0}%", 100.0 * part.as_secs_f64() / whole.as_secs_f64().max(1e-9))
}
