//! One row of a picture in a terminal.

use std::fmt;
use std::time::Duration;

use super::entries::{Mark, Span};
use super::labels::bar_label;
use super::trace::Trace;

/// The width of the bars, in columns.
pub(super) const COLUMNS: usize = 60;

/// What forms and marks mean, in the order of a legend.
const MEANINGS: [(char, &str); 7] = [
    ('█', "█ computes"),
    ('▄', "▄ about half of the time"),
    ('─', "─ waits"),
    (STOLEN, "◂ stolen from another worker"),
    ('▾', "▾ input taken"),
    ('▴', "▴ result handed out"),
    ('◆', "◆ both"),
];

/// Where a task begins that another worker had queued for itself.
const STOLEN: char = '◂';

/// How a bar is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Form {
    /// The first cell, those between, and the last one.
    cells: [char; 3],
    /// The only cell of a bar that has just one.
    single: char,
    /// The mark that explains it, if anything does.
    explained: Option<char>,
}

const FULL: Form = Form { cells: ['█', '█', '▌'], single: '█', explained: Some('█') };
const HALF: Form = Form { cells: ['▄', '▄', '▖'], single: '▄', explained: Some('▄') };
const HOLLOW: Form = Form { cells: ['├', '─', '┤'], single: '─', explained: Some('─') };
/// Nobody knows whether it computed.
const UNKNOWN: Form = Form { cells: ['├', '─', '┤'], single: '█', explained: None };

impl Form {
    /// Full from two thirds of the time on, and hollow up to a third.
    fn for_span(span: &Span) -> Form {
        let Some(computed) = span.computed else { return UNKNOWN };
        match computed.as_secs_f64() / span.length().as_secs_f64().max(1e-9) {
            share if share > 2.0 / 3.0 => FULL,
            share if share < 1.0 / 3.0 => HOLLOW,
            _ => HALF,
        }
    }
}

/// A row's bars and marks.
pub(super) struct Cells {
    cells: Vec<char>,
    explained: Vec<char>,
}

impl Cells {
    pub(super) fn from_row(trace: &Trace, row: usize) -> Cells {
        let mut cells = vec![' '; COLUMNS];
        let mut explained = Vec::new();
        let wall = trace.length().as_secs_f64().max(1e-9);
        let column = |at: Duration| {
            let share = at.saturating_sub(trace.start()).as_secs_f64() / wall;
            ((share * COLUMNS as f64).round() as usize).min(COLUMNS)
        };
        for span in trace.spans().iter().filter(|span| span.row == row) {
            let (from, to) = (column(span.start), column(span.end));
            let place = from.min(COLUMNS - 1)..to.max(from + 1).min(COLUMNS);
            let form = Form::for_span(span);
            bar(&mut cells[place], &span.name, form);
            explained.extend(form.explained);
            if span.stolen_from.is_some() {
                cells[from.min(COLUMNS - 1)] = STOLEN;
                explained.push(STOLEN);
            }
        }
        for moment in trace.moments().iter().filter(|moment| moment.row == row) {
            let cell = &mut cells[column(moment.at).min(COLUMNS - 1)];
            *cell = match (moment.mark, *cell) {
                (Mark::Taken(_), '▴') | (Mark::Yielded(_), '▾') | (_, '◆') => '◆',
                (Mark::Taken(_), _) => '▾',
                (Mark::Yielded(_), _) => '▴',
            };
        }
        explained.extend(cells.iter().filter(|cell| "▾▴◆".contains(**cell)));
        Cells { cells, explained }
    }
}

/// What the forms and marks in these rows mean.
pub(super) fn legend(rows: &[Cells]) -> String {
    let is_used = |mark: char| rows.iter().any(|row| row.explained.contains(&mark));
    let used = MEANINGS.iter().filter(|(mark, _)| is_used(*mark));
    used.map(|(_, meaning)| *meaning).collect::<Vec<_>>().join("   ")
}

impl fmt::Display for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cells.iter().collect::<String>())
    }
}

/// Draws `├─ name ──┤` over the cells, with the name if it fits.
fn bar(cells: &mut [char], name: &str, form: Form) {
    let n = cells.len();
    if n < 2 {
        cells.fill(form.single);
        return;
    }
    let [first, between, last] = form.cells;
    cells.fill(between);
    cells[0] = first;
    cells[n - 1] = last;
    let room = n - 2;
    let label = bar_label(name, room);
    let length = label.chars().count();
    let label = match length {
        0 => return,
        _ if length + 2 <= room => format!(" {label} "),
        _ => label.to_owned(),
    };
    let left = (n - label.chars().count()) / 2;
    for (cell, c) in cells[left..].iter_mut().zip(label.chars()) {
        *cell = c;
    }
}
