//! A schedule as text: who did what, one operation after the other.

use std::fmt::Write;

use super::entries::Span;
use super::trace::Trace;

/// How wide a line may become. What doesn't fit goes on below, as notes do in a score.
const WIDTH: usize = 96;

/// One row per thread and variable, and one column per operation, which is as wide as its words.
pub(super) fn picture(trace: &Trace) -> String {
    let names = trace.rows.iter().map(|row| row.name.chars().count());
    let margin = names.max().unwrap_or(0) + 1;
    let columns: Vec<usize> = (0..end(trace)).map(|column| width(trace, column)).collect();
    let mut out = String::new();
    let mut from = 0;
    while from < columns.len() {
        let mut to = from;
        let mut used = margin;
        while to < columns.len() && (to == from || used + columns[to] <= WIDTH) {
            used += columns[to];
            to += 1;
        }
        if from > 0 {
            out.push('\n');
        }
        let numbers: String =
            (from..to).map(|column| format!(" {:<1$}", column + 1, columns[column] - 1)).collect();
        let _ = writeln!(out, "{:margin$}{}", "", numbers.trim_end());
        for row in 0..trace.rows.len() {
            let line: String =
                (from..to).map(|column| cell(trace, row, column, from, columns[column])).collect();
            let _ =
                writeln!(out, "{}", format!("{:margin$}{line}", trace.rows[row].name).trim_end());
        }
        from = to;
    }
    out
}

fn end(trace: &Trace) -> usize {
    trace.length().as_secs() as usize
}

/// The column in which a span begins, and the one before which it ends.
fn place(trace: &Trace, span: &Span) -> (usize, usize) {
    let column = |at: std::time::Duration| at.saturating_sub(trace.start).as_secs() as usize;
    (column(span.start), column(span.end))
}

fn words(trace: &Trace, span: &Span) -> String {
    match span.waits_for.as_ref().and_then(|wait| wait.holder.as_ref()) {
        Some(holder) if *holder != trace.rows[span.row].name => format!("{} → {holder}", span.name),
        _ => span.name.clone(),
    }
}

/// What a column needs for the words that begin in it: a bracket on both sides, and a space.
fn width(trace: &Trace, column: usize) -> usize {
    let begin = trace.spans.iter().filter(|span| place(trace, span).0 == column);
    let letters = begin.map(|span| words(trace, span).chars().count());
    letters.max().unwrap_or(0) + 3
}

/// What a row shows in a column: the words of what begins there, or that something goes on. What
/// began in a line above is named again.
fn cell(trace: &Trace, row: usize, column: usize, from: usize, width: usize) -> String {
    let here = |span: &&Span| {
        let (begin, end) = place(trace, span);
        span.row == row && begin <= column && column < end
    };
    let Some(span) = trace.spans.iter().find(here) else { return " ".repeat(width) };
    let (begin, end) = place(trace, span);
    let text = if begin == column || column == from { words(trace, span) } else { String::new() };
    let (open, close, fill) = if trace.rows[row].is_variable {
        (' ', ' ', ' ')
    } else {
        (if begin == column { '[' } else { '·' }, if end == column + 1 { ']' } else { '·' }, '·')
    };
    let room = width - 3;
    let text = match text.chars().count() {
        long if long > room => text.chars().take(room.saturating_sub(1)).collect::<String>() + "…",
        _ => text,
    };
    let pad = room - text.chars().count();
    let fill = if end == begin + 1 { ' ' } else { fill };
    let last = if end > column + 1 && !trace.rows[row].is_variable { '·' } else { ' ' };
    format!("{open}{text}{}{close}{last}", String::from(fill).repeat(pad))
}
