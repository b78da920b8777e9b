//! A trace as rows of text, for the terminal.

use std::fmt::Write;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::cells::{COLUMNS, Cells, legend};
use super::labels::row_labels;
use super::schedule;
use super::summary::{RowTime, Summary};
use super::trace::Trace;
use crate::println;

/// How many rows are drawn. The rest are counted.
const ROWS: usize = 16;
/// How many letters the names of rows have, unless they need more to differ.
const NAMES: usize = 16;
const HEADING: &str = "has a task / computes";
const MEANING: &str = "\
(Working computes; waiting has a task, but no answer, lock or core yet; idle has no task.)";

impl Trace {
    /// The picture as text, at most about 85 columns wide. Each worker has a row, with its spans,
    /// their names if they fit, the share of the time in which the worker had a task, and the share
    /// in which it computed. A bar is full if its worker computed, and hollow if it waited. The
    /// last lines say where the time went. If there are sections, each is a picture of its own.
    pub fn text(&self) -> String {
        let parts = self.parts();
        let titled = parts.len() > 1 || !self.sections.is_empty();
        let pictures: Vec<String> = parts
            .iter()
            .map(|part| {
                let title = if titled {
                    format!("{}: {}\n", part.name, part.how_long())
                } else {
                    String::new()
                };
                title + &if part.is_schedule() { schedule::picture(part) } else { part.picture() }
            })
            .collect();
        pictures.join("\n")
    }

    /// Prints the rows, and [saves](Trace::save) the trace.
    ///
    /// # Errors
    ///
    /// The same as for [`write`](Trace::write).
    pub fn show(&self, file: Option<PathBuf>) -> io::Result<()> {
        println!("\n{}", self.text());
        if is_known(&self.summary().total()) {
            println!("{MEANING}\n");
        }
        self.save(file)
    }

    /// How long it is, in words: `2.00 s`, or `4 operations` if it is a
    /// [schedule](Trace::is_schedule).
    pub fn how_long(&self) -> String {
        if self.is_schedule() {
            format!("{} operations", self.length().as_secs())
        } else {
            seconds(self.length())
        }
    }

    fn picture(&self) -> String {
        let summary = self.summary();
        let mut shown = self.rows_to_show();
        let hidden = shown.len().saturating_sub(ROWS);
        shown.truncate(ROWS);
        let names: Vec<&str> = shown.iter().map(|&row| self.rows[row].name.as_str()).collect();
        let names = row_labels(&names, NAMES);
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(4);
        let is_known = is_known(&summary.total());
        let mut out = String::new();
        if is_known {
            let columns = width + 1 + COLUMNS + " 100 % / 100 %".len();
            let _ = writeln!(out, "{HEADING:>columns$}");
        }
        let cells: Vec<Cells> = shown.iter().map(|&row| Cells::from_row(self, row)).collect();
        for ((&row, name), cells) in shown.iter().zip(&names).zip(&cells) {
            let share = share(&summary.rows[row], summary.wall, is_known);
            let _ = writeln!(out, "{}", format!("{name:width$} {cells} {share}").trim_end());
        }
        if hidden > 0 {
            let _ = writeln!(out, "{:width$} and {hidden} more rows, which are in the trace", "…");
        }
        let end = seconds(summary.wall);
        let _ = writeln!(out, "{:width$} 0 s{end:>1$}", "", COLUMNS - 3);
        let legend = legend(&cells);
        if !legend.is_empty() {
            let _ = writeln!(out, "{:width$} {legend}", "");
        }
        out + &self.where_the_time_went(&summary)
    }

    /// All rows, but not that of a main thread that only waited for the others.
    fn rows_to_show(&self) -> Vec<usize> {
        let is_silent = self.rows.len() > 1
            && !self.spans.iter().any(|span| span.row == 0)
            && !self.moments.iter().any(|moment| moment.row == 0);
        (usize::from(is_silent)..self.rows.len()).collect()
    }

    /// The sums over all workers, what their names mean, and the bound.
    fn where_the_time_went(&self, summary: &Summary) -> String {
        let mut out = String::new();
        if summary.rows.len() > 1 {
            let sum = RowTime::sum(&summary.rows[1..]);
            let workers = match summary.rows.len() - 1 {
                1 => "1 worker".to_owned(),
                n => format!("{n} workers"),
            };
            let _ = writeln!(
                out,
                "{workers}: {}, idle {}, overhead {}",
                with_a_task(&sum),
                seconds(sum.idle),
                seconds(sum.overhead),
            );
        } else {
            let total = summary.total();
            if is_known(&total) {
                let _ = writeln!(out, "{}, idle {}", with_a_task(&total), seconds(total.idle));
            }
        }
        if summary.disturbed {
            let all = summary.total();
            let _ = writeln!(
                out,
                "Computing {} of the time it had a task, on a busy machine: it waited {} for a core",
                percent(all.computed.unwrap_or_default(), all.busy),
                seconds(all.delayed),
            );
        }
        if let Some(longest) = &summary.longest {
            let task =
                format!("{}, the longest span ({})", seconds(longest.length()), longest.name);
            let sum = match summary.serial {
                Duration::ZERO => task,
                serial => {
                    format!("{} = {} serial + {task}", seconds(summary.bound()), seconds(serial))
                }
            };
            let _ = writeln!(out, "Bound for any number of workers: {sum}");
        }
        if self.dropped > 0 {
            let _ = writeln!(
                out,
                "{} more spans or marks are not shown: the recording was full",
                self.dropped
            );
        }
        out
    }
}

/// Whether there is something to say about computing.
fn is_known(time: &RowTime) -> bool {
    time.computed.is_some() && !time.busy.is_zero()
}

/// `working 1.20 s, waiting 0.80 s`, or `busy 2.00 s` if nobody knows.
fn with_a_task(time: &RowTime) -> String {
    match (time.computed, time.waited()) {
        (Some(computed), Some(waited)) => {
            let for_a_core = if time.delayed > waited / 10 && !waited.is_zero() {
                format!(" ({} for a core)", seconds(time.delayed.min(waited)))
            } else {
                String::new()
            };
            format!("working {}, waiting {}{for_a_core}", seconds(computed), seconds(waited))
        }
        _ => format!("busy {}", seconds(time.busy)),
    }
}

/// The shares of a row that had a task: `100 % /  3 %`.
fn share(time: &RowTime, wall: Duration, is_known: bool) -> String {
    match time.computed {
        _ if time.busy.is_zero() => String::new(),
        Some(computed) if is_known => {
            format!("{:>5} / {:>5}", percent(time.busy, wall), percent(computed, wall))
        }
        _ => format!("{:>4}", percent(time.busy, wall).replace(' ', "")),
    }
}

/// A time for people to read: `2.00 s`, or `350 µs` if seconds would say nothing.
///
/// ```
/// use std::time::Duration;
///
/// assert_eq!(hands::timeline::seconds(Duration::from_millis(1500)), "1.50 s");
/// assert_eq!(hands::timeline::seconds(Duration::from_micros(350)), "350 µs");
/// ```
pub fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        0.0 => "0 s".to_owned(),
        t if t < 0.001 => format!("{:.0} µs", t * 1e6),
        t if t < 0.1 => format!("{:.1} ms", t * 1e3),
        t => format!("{t:.2} s"),
    }
}

/// A share of a whole: `25 %`.
///
/// ```
/// use std::time::Duration;
///
/// let s = Duration::from_secs;
/// assert_eq!(hands::timeline::percent(s(1), s(4)), "25 %");
/// ```
pub fn percent(part: Duration, whole: Duration) -> String {
    format!("{:.0} %", 100.0 * part.as_secs_f64() / whole.as_secs_f64().max(1e-9))
}
