//! A trace as rows of text, for the terminal.

use std::fmt::Write;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::summary::RowTime;
use super::trace::{Mark, Trace};
use crate::println;

/// The width of the bars, in columns.
const COLUMNS: usize = 60;
/// How many rows are drawn. The rest are counted.
const ROWS: usize = 16;

impl Trace {
    /// The picture as text, at most about 80 columns wide. Each worker has a row, with its spans,
    /// their names if they fit, and the share of the time that the worker was busy. The last lines
    /// say where the time went. If there are sections, each is a picture of its own.
    pub fn text(&self) -> String {
        let parts = self.parts();
        let titled = parts.len() > 1 || !self.sections.is_empty();
        let pictures: Vec<String> = parts
            .iter()
            .map(|part| {
                let title = if titled {
                    format!("{}: {}\n", part.name, seconds(part.length()))
                } else {
                    String::new()
                };
                title + &part.picture()
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
        self.save(file)
    }

    fn picture(&self) -> String {
        let mut out = String::new();
        let summary = self.summary();
        // A main thread that only waited doesn't need a row.
        let silent = |row: usize| {
            row == 0
                && self.rows.len() > 1
                && !self.spans.iter().any(|span| span.row == row)
                && !self.moments.iter().any(|moment| moment.row == row)
        };
        let mut shown: Vec<usize> = (0..self.rows.len()).filter(|&row| !silent(row)).collect();
        let hidden = shown.len().saturating_sub(ROWS);
        shown.truncate(ROWS);
        let name_of = |row: usize| &self.rows[row].name;
        let width = shown.iter().map(|&row| name_of(row).chars().count()).max().unwrap_or(0);
        let width = width.clamp(4, 16);
        for row in shown {
            let cells = self.row_cells(row);
            let busy = summary.rows[row].busy;
            let share = if busy.is_zero() { String::new() } else { percent(busy, summary.wall) };
            let name: String = name_of(row).chars().take(width).collect();
            let _ = writeln!(out, "{}", format!("{name:width$} {cells} {share:>4}").trim_end());
        }
        if hidden > 0 {
            let _ = writeln!(out, "{:width$} and {hidden} more rows, which are in the trace", "…");
        }
        let end = seconds(summary.wall);
        let _ = writeln!(out, "{:width$} 0 s{end:>1$}", "", COLUMNS - 3);
        if !self.moments.is_empty() {
            let _ = writeln!(out, "{:width$} ▾ input taken   ▴ result handed out", "");
        }
        out + &self.where_the_time_went()
    }

    /// Two lines: the sums over all workers, and the bound.
    fn where_the_time_went(&self) -> String {
        let summary = self.summary();
        let mut out = String::new();
        let workers = || self.rows.iter().zip(&summary.rows).skip(1).map(|(_, time)| time);
        if workers().next().is_some() {
            let sum = |of: fn(&RowTime) -> Duration| seconds(workers().map(of).sum());
            let _ = writeln!(
                out,
                "{}: busy {}, idle {}, overhead {}",
                match workers().count() {
                    1 => "1 worker".to_owned(),
                    n => format!("{n} workers"),
                },
                sum(|t| t.busy),
                sum(|t| t.idle),
                sum(|t| t.overhead),
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

    fn row_cells(&self, row: usize) -> String {
        let mut cells = vec![' '; COLUMNS];
        let wall = self.length().as_secs_f64().max(1e-9);
        let column = |at: Duration| {
            let share = at.saturating_sub(self.start).as_secs_f64() / wall;
            ((share * COLUMNS as f64).round() as usize).min(COLUMNS)
        };
        for span in self.spans.iter().filter(|span| span.row == row) {
            let (from, to) = (column(span.start), column(span.end));
            bar(&mut cells[from.min(COLUMNS - 1)..to.max(from + 1).min(COLUMNS)], &span.name);
        }
        for moment in self.moments.iter().filter(|moment| moment.row == row) {
            let cell = &mut cells[column(moment.at).min(COLUMNS - 1)];
            *cell = match (moment.mark, *cell) {
                (Mark::Taken(_), ' ' | '▾') => '▾',
                (Mark::Yielded(_), ' ' | '▴') => '▴',
                _ => '◆', // both
            };
        }
        cells.into_iter().collect()
    }
}

/// Draws `├─ name ──┤` over the cells, with as much of the name as fits.
fn bar(cells: &mut [char], name: &str) {
    let n = cells.len();
    if n < 2 {
        cells.fill('█');
        return;
    }
    cells.fill('─');
    cells[0] = '├';
    cells[n - 1] = '┤';
    let room = n - 2;
    let label = match name.chars().count() {
        length if length + 2 <= room => format!(" {name} "),
        length if length <= room => name.to_owned(),
        _ if room >= 5 => name.chars().take(room - 1).chain(['…']).collect(),
        _ => return,
    };
    let left = (n - label.chars().count()) / 2;
    for (cell, c) in cells[left..].iter_mut().zip(label.chars()) {
        *cell = c;
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

fn percent(part: Duration, whole: Duration) -> String {
    format!("{:.0}%", 100.0 * part.as_secs_f64() / whole.as_secs_f64().max(1e-9))
}
