//! The picture of a schedule: the operations of threads on shared variables, one after the other.

use std::fmt::Write;
use std::time::Duration;

use hands::timeline::{Span, Trace};

use super::layout::{rect, text};
use super::style::TIMELINE;
use crate::element::{Element, line};
use crate::hues::{first_word, hues};
use crate::sheet::{BARS, Sheet, WIDTH, letter, unit};
use crate::table;

const FONT: f64 = 12.0;
/// The height of a row, and of the bar in it: two lines of text.
const PITCH: f64 = 46.0;
const BAR: f64 = 38.0;
/// Where the rows begin, below the numbers of the operations.
const TOP: f64 = 22.0;
const STYLE: &str = "\
.mh-schedule{font-size:12px}\
.mh-schedule .mh-value{fill:none;stroke:currentColor;opacity:.35}\
.mh-schedule g .mh-plain{fill:currentColor}\
.mh-schedule .mh-idle{fill-opacity:.25;stroke-dasharray:4 3}\
.mh-schedule .mh-idle~text{fill:currentColor}\
.mh-schedule .mh-later{opacity:.12}\
.mh-schedule .mh-now{stroke:currentColor;stroke-width:2}";

/// A bar for each operation, in the order in which they happened, and below them the values that
/// each variable had. All operations are equally long.
pub(super) fn svg(trace: &Trace) -> String {
    let page = Page::new(trace);
    let mut out = String::new();
    for n in 0..page.operations {
        let number = text(page.x(n) + page.column / 2.0, FONT).attr("class", "mh-mid");
        line(&mut out, [number.text(&(n + 1).to_string())]);
    }
    for (row, known) in trace.rows().iter().enumerate() {
        let y = page.y(row);
        line(&mut out, [text(0.0, y + PITCH / 2.0 + FONT * 0.35).text(&known.name)]);
        let width = page.column * page.operations as f64;
        let track = rect(page.left, y + 4.0, width, BAR).attr("class", "mh-track").attr("rx", 3);
        line(&mut out, [track]);
    }
    let kinds = hues(trace.spans().iter().map(|span| first_word(&span.name)));
    for span in trace.spans() {
        let kind = kinds.iter().find(|(word, _)| *word == first_word(&span.name));
        line(&mut out, [page.bar(span, kind.map_or(0, |(_, colour)| *colour))]);
    }
    for span in trace.spans() {
        if let Some(arrow) = page.arrow(span) {
            line(&mut out, [arrow]);
        }
    }
    let title = format!("Schedule: {}", trace.name());
    let description = description(trace);
    let (width, height) = (page.x(page.operations) + 2.0, page.y(trace.rows().len()) + 4.0);
    Sheet {
        class: "mh-timeline",
        variant: if width > 660.0 { "mh-schedule mh-long" } else { "mh-schedule" },
        width,
        least: width * 0.92,
        height,
        title: &title,
        description: &description,
        style: &[TIMELINE, STYLE, BARS],
    }
    .svg(&out)
}

/// Where everything goes.
struct Page<'t> {
    trace: &'t Trace,
    operations: usize,
    left: f64,
    column: f64,
}

impl<'t> Page<'t> {
    fn new(trace: &'t Trace) -> Self {
        let wide = |text: &str| text.chars().count() as f64 * letter(FONT);
        let names = trace.rows().iter().map(|row| wide(&row.name));
        let left = names.fold(0.0, f64::max) + 12.0;
        let operations = trace.length().as_secs() as usize;
        // A bar that spans several columns has room enough.
        let short = trace.spans().iter().filter(|span| span.length().as_secs() < 2);
        let words = short.flat_map(|span| two_lines(&span.name)).map(|line| wide(&line));
        let needed = words.fold(0.0, f64::max) + 6.0;
        let column = ((WIDTH - left) / operations.max(1) as f64).clamp(needed, needed.max(110.0));
        Page { trace, operations, left, column }
    }

    fn x(&self, operation: usize) -> f64 {
        self.left + operation as f64 * self.column
    }

    fn y(&self, row: usize) -> f64 {
        TOP + row as f64 * PITCH
    }

    /// The columns of a span: the first, and the one after the last.
    fn columns(&self, span: &Span) -> (usize, usize) {
        let column =
            |at: Duration| at.saturating_sub(self.trace.start()).as_secs_f64().round() as usize;
        (column(span.start), column(span.end))
    }

    fn bar(&self, span: &Span, colour: usize) -> Element {
        let (from, to) = self.columns(span);
        let row = &self.trace.rows()[span.row];
        let (x, y) = (self.x(from) + 1.5, self.y(span.row) + 4.0);
        let width = self.x(to) - self.x(from) - 3.0;
        let bar = rect(x, y, width.max(1.0), BAR).attr("rx", 4);
        let title = if row.is_variable {
            format!("{} is {}", row.name, span.name)
        } else {
            format!("{}: {} {}", from + 1, row.name, span.name)
        };
        let (class, bar) = match (row.is_variable, &span.waits_for) {
            (true, _) => ("mh-plain".to_owned(), bar.attr("class", "mh-value")),
            (false, Some(_)) => (format!("mh-{colour}"), bar.attr("class", "mh-idle")),
            (false, None) => (format!("mh-{colour}"), bar),
        };
        let lines = if width > span.name.chars().count() as f64 * letter(FONT) + 6.0 {
            vec![span.name.clone()]
        } else {
            two_lines(&span.name)
        };
        let first = y + BAR / 2.0 + FONT * 0.35 - 7.5 * (lines.len() - 1) as f64;
        let words = lines.iter().enumerate().map(|(n, words)| {
            let word = text(x + width / 2.0, first + 15.0 * n as f64);
            let word = if row.is_variable { word.attr("class", "mh-plain") } else { word };
            word.text(words)
        });
        let group = Element::new("g").attr("class", class).attr("data-from", from);
        let before = self.trace.rows()[..span.row].iter().filter(|row| row.is_variable).count();
        let group = if row.is_variable { group.attr("data-variable", before) } else { group };
        group.children([Element::new("title").text(&title), bar]).children(words)
    }

    /// From a wait to the thread for which it waits: from where it begins, to what that one did
    /// then.
    fn arrow(&self, span: &Span) -> Option<Element> {
        let holder = span.waits_for.as_ref()?.holder.as_ref()?;
        let holder = self.trace.rows().iter().position(|row| row.name == *holder)?;
        let (from, _) = self.columns(span);
        let (down, up) = (holder > span.row, holder < span.row);
        if !down && !up {
            return None;
        }
        let x = self.x(from) + if down { 9.0 } else { 16.0 };
        let (begin, end, tip) = if down {
            (self.y(span.row) + 4.0 + BAR, self.y(holder) + 5.0, -5.0)
        } else {
            (self.y(span.row) + 4.0, self.y(holder) + 3.0 + BAR, 5.0)
        };
        let d = format!("M{} {}V{}m-4 {tip}l4 {}l4 {tip}", unit(x), unit(begin), unit(end), -tip);
        Some(Element::new("path").attr("class", "mh-wait").attr("data-from", from).attr("d", d))
    }
}

/// The words in two lines that are about as long as each other, or in one if there is only one.
fn two_lines(name: &str) -> Vec<String> {
    let cuts = name.match_indices(' ').map(|(at, _)| at);
    let longer = |at: &usize| (*at).max(name.len() - at - 1);
    match cuts.min_by_key(longer) {
        Some(at) => vec![name[..at].to_owned(), name[at + 1..].to_owned()],
        None => vec![name.to_owned()],
    }
}

fn description(trace: &Trace) -> String {
    let mut text = String::new();
    for operation in operations(trace) {
        let separator = if text.is_empty() { "" } else { "; " };
        let _ = write!(text, "{separator}{} {}", trace.rows()[operation.row].name, operation.name);
    }
    text + "."
}

/// What the threads did, one after the other.
fn operations(trace: &Trace) -> Vec<&Span> {
    let spans = trace.spans().iter().filter(|span| !trace.rows()[span.row].is_variable);
    let mut spans: Vec<&Span> = spans.collect();
    spans.sort_by_key(|span| span.start);
    spans
}

/// Each operation, and what each variable was after it.
pub(super) fn table(trace: &Trace) -> String {
    let variables: Vec<usize> =
        (0..trace.rows().len()).filter(|&row| trace.rows()[row].is_variable).collect();
    let names = variables.iter().map(|&row| &*trace.rows()[row].name);
    let head: Vec<&str> = ["", "Thread", "Operation"].into_iter().chain(names).collect();
    let rows = operations(trace).into_iter().enumerate().map(|(n, operation)| {
        let after = operation.start + Duration::from_secs(1);
        let values = variables.iter().map(|&row| {
            let mut values = trace.spans().iter().filter(|span| span.row == row);
            let value = values.rfind(|span| span.start <= after && operation.start < span.end);
            value.map_or(String::new(), |span| span.name.clone())
        });
        let what =
            [(n + 1).to_string(), trace.rows()[operation.row].name.clone(), operation.name.clone()];
        what.into_iter().chain(values).collect::<Vec<String>>()
    });
    table::table(&head, rows, 0)
}
