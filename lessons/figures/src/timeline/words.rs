//! A trace in words and as a table, for people who can't see the picture.

use std::fmt::Write;

use hands::timeline::{Span, Summary, Trace, percent, seconds};

use super::schedule;
use crate::table;

/// How many rows the table has. The rest are counted.
const ROWS: usize = 40;
/// How many workers, and how many thefts, a description lists.
const LISTED: usize = 16;

/// The spans as a table in a folded `<details>`, for people who can't see the picture: the first
/// forty, in the order in which they began, and how many more there are.
///
/// Of a [schedule](Trace::is_schedule), it has every operation, with the value of each variable
/// after it.
pub fn table(trace: &Trace) -> String {
    if trace.is_schedule() {
        return schedule::table(trace);
    }
    let mut spans: Vec<&Span> = trace.spans().iter().collect();
    spans.sort_by_key(|span| (span.start, span.row));
    let more = spans.len().saturating_sub(ROWS);
    let shown = spans.into_iter().take(ROWS);
    let cells = |span: &Span| {
        let start = seconds(span.start.saturating_sub(trace.start()));
        [span.name.clone(), trace.rows()[span.row].name.clone(), start, seconds(span.length())]
    };
    let mut columns = vec!["Task", "Worker", "Start", "Length"];
    let is_known = is_known(&trace.summary());
    let any_stolen = trace.spans().iter().any(|span| span.stolen_from.is_some());
    if is_known {
        columns.extend(["Computes", "Waits"]);
    }
    if any_stolen {
        columns.push("Stolen from");
    }
    let rows = shown.map(|span| {
        let mut row = cells(span).to_vec();
        if is_known {
            let times = [span.computed, span.waited()];
            row.extend(times.map(|time| time.map(seconds).unwrap_or_default()));
        }
        if any_stolen {
            row.push(span.stolen_from.clone().unwrap_or_default());
        }
        row
    });
    table::table(&columns, rows, more)
}

/// Whether the trace says how much of its spans was computing.
pub(super) fn is_known(summary: &Summary) -> bool {
    let total = summary.total();
    total.computed.is_some() && !total.busy.is_zero()
}

/// Says in a sentence or two what the picture shows.
pub(super) fn description(trace: &Trace, summary: &Summary) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let mut text = format!(
        "{} and {} in {}, at most {} at once.",
        count(trace.rows().len(), "row"),
        count(trace.spans().len(), "span"),
        seconds(trace.length()),
        trace.at_once(),
    );
    let is_known = is_known(summary);
    let shares: Vec<String> = trace
        .rows()
        .iter()
        .zip(&summary.rows)
        .filter(|(_, time)| !time.busy.is_zero())
        .map(|(row, time)| {
            let busy = percent(time.busy, summary.wall);
            match time.computed {
                Some(computed) if is_known => {
                    format!("{} {busy}, {}", row.name, percent(computed, summary.wall))
                }
                _ => format!("{} {busy}", row.name),
            }
        })
        .collect();
    if (1..=LISTED).contains(&shares.len()) {
        let what = if is_known { "Has a task, computes" } else { "Has a task" };
        let _ = write!(text, " {what}: {}.", shares.join("; "));
    }
    if !is_known && !trace.spans().is_empty() {
        text.push_str(" How much of that was computing was not recorded.");
    }
    let stolen: Vec<String> = trace.spans().iter().filter_map(|span| theft(trace, span)).collect();
    if !stolen.is_empty() {
        let rest = stolen.len().saturating_sub(LISTED);
        let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
        let listed = &stolen[..stolen.len() - rest];
        let _ = write!(text, " Stolen: {}{more}.", listed.join("; "));
    }
    if trace.dropped() > 0 {
        let _ = write!(text, " {} more were not recorded.", trace.dropped());
    }
    text
}

/// `list 48 by thread 2 from thread 1`, if it was stolen.
fn theft(trace: &Trace, span: &Span) -> Option<String> {
    let (owner, thief) = (span.stolen_from.as_ref()?, &trace.rows()[span.row].name);
    Some(format!("{} by {thief} from {owner}", span.name))
}
