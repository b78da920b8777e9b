//! A recording: rows, spans and moments.

use std::time::Duration;

use super::entries::{Mark, Moment, Row, Section, Span};
use super::labels::row_order;

/// How many spans, and how many marks, a trace keeps. Those that come later are only
/// [counted](Trace::dropped), so that a run of ten million tasks doesn't fill the memory with its
/// own story.
pub const LIMIT: usize = 100_000;

/// The record of a run: rows, the spans on them, and the moments that were marked.
///
/// Usually a [`Timeline`](super::Timeline) makes one. A program that gets its times elsewhere can
/// build one itself. All times are on one clock, which may begin anywhere:
///
/// ```
/// use hands::timeline::Trace;
/// use std::time::Duration;
///
/// let at = Duration::from_millis;
/// let mut trace = Trace::new("kitchen", at(0), at(1000));
/// trace.add_row("main", std::process::id());
/// let cook = trace.add_row("cook", std::process::id());
/// trace.add_span(cook, "soup", at(100), at(900));
/// assert_eq!(trace.summary().rows[cook].idle, at(200));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    pub(super) name: String,
    pub(super) start: Duration,
    pub(super) end: Duration,
    pub(super) rows: Vec<Row>,
    pub(super) spans: Vec<Span>,
    pub(super) moments: Vec<Moment>,
    pub(super) sections: Vec<Section>,
    pub(super) dropped: u64,
    /// How long the cores of this machine computed for other processes during the run. `None` if
    /// that isn't known.
    pub(super) elsewhere: Option<Duration>,
}

impl Trace {
    /// An empty trace of a run that lasted from `start` to `end`.
    pub fn new(name: impl Into<String>, start: Duration, end: Duration) -> Self {
        Trace { name: name.into(), start, end, ..Trace::default() }
    }

    /// The same trace with another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Trace { name: name.into(), ..self }
    }

    /// Adds a row for a thread or process, and returns its index. The first row is the main one.
    pub fn add_row(&mut self, name: impl Into<String>, pid: u32) -> usize {
        self.push_row(name.into(), pid, None)
    }

    /// Adds a row for a shared variable, whose spans are the values that it had. That makes the
    /// trace a [schedule](Trace::is_schedule).
    pub fn add_variable(&mut self, name: impl Into<String>, pid: u32) -> usize {
        let row = self.add_row(name, pid);
        self.rows[row].is_variable = true;
        row
    }

    /// Adds another trace as a [section](Trace::sections) of this one, under its own name.
    pub fn add_section(&mut self, part: Trace) {
        let (section, first) = (self.sections.len(), self.rows.len());
        let Trace { name, start, end, elsewhere, .. } = part;
        self.sections.push(Section { name, start, end, elsewhere });
        for row in part.rows {
            let tid = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
            self.rows.push(Row { tid, section: Some(section), ..row });
        }
        self.append(first, part.spans, part.moments, part.dropped);
    }

    /// Adds a span to a row, as [`add`](Trace::add) does.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn add_span(
        &mut self,
        row: usize,
        name: impl Into<String>,
        start: Duration,
        end: Duration,
    ) {
        self.add(Span::new(row, name, start, end));
    }

    /// Adds a span to its row, unless the trace is [full](LIMIT): then it is counted as
    /// [dropped](Trace::dropped).
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn add(&mut self, span: Span) {
        assert!(span.row < self.rows.len(), "row {} was not added", span.row);
        self.push_span(span);
    }

    /// Marks a moment on a row, with the same limit as for spans.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn add_mark(&mut self, row: usize, mark: Mark, at: Duration) {
        assert!(row < self.rows.len(), "row {row} was not added");
        self.push_moment(row, mark, at);
    }

    /// Adds to the [overhead](Row::overhead) of a row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn add_overhead(&mut self, row: usize, time: Duration) {
        self.rows[row].overhead += time;
    }

    /// Adds to the time that a row had [no core](Row::delayed).
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn add_delay(&mut self, row: usize, time: Duration) {
        self.rows[row].delayed += time;
    }

    /// Counts spans or marks that were lost elsewhere.
    pub fn add_dropped(&mut self, count: u64) {
        self.dropped += count;
    }

    /// Removes the spans for which `keep` returns false.
    pub fn retain_spans(&mut self, keep: impl FnMut(&Span) -> bool) {
        self.spans.retain(keep);
    }

    /// The name of the run.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When the run began, on the clock that all spans share.
    pub fn start(&self) -> Duration {
        self.start
    }

    /// When the run ended.
    pub fn end(&self) -> Duration {
        self.end
    }

    /// One row per thread or process, in the order in which they are drawn: the main row first.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Every span that was kept.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The spans on the rows whose names `choose` accepts.
    pub fn spans_on(&self, choose: impl Fn(&str) -> bool) -> Vec<&Span> {
        self.spans.iter().filter(|span| choose(&self.rows[span.row].name)).collect()
    }

    /// Every moment that was kept.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// The parts of a run that does the same work in several ways.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// How many spans and moments came after the [limit](LIMIT) was reached.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The time from start to end.
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }

    /// Whether this is the order in which threads used [shared variables](Row::is_variable). Its
    /// clock counts operations, one a second, and it's drawn as such.
    pub fn is_schedule(&self) -> bool {
        self.rows.iter().any(|row| row.is_variable)
    }

    /// The section of this name as a trace of its own, if there is one.
    pub fn section(&self, name: &str) -> Option<Trace> {
        let index = self.sections.iter().position(|section| section.name == name)?;
        Some(self.part(index))
    }

    /// The parts that are drawn one by one: the sections, or the whole trace if there are none.
    pub fn parts(&self) -> Vec<Trace> {
        match self.sections.len() {
            0 => vec![self.clone()],
            n => (0..n).map(|index| self.part(index)).collect(),
        }
    }

    pub(super) fn part(&self, index: usize) -> Trace {
        let section = &self.sections[index];
        let rows: Vec<usize> =
            (0..self.rows.len()).filter(|&row| self.rows[row].section == Some(index)).collect();
        let mut part = Trace {
            name: section.name.clone(),
            start: section.start,
            end: section.end,
            elsewhere: section.elsewhere,
            sections: Vec::new(),
            ..self.with_rows(&rows)
        };
        part.rows.iter_mut().for_each(|row| row.section = None);
        part
    }

    /// The same trace with these of its rows, in this order, and with what is on them.
    pub(super) fn with_rows(&self, rows: &[usize]) -> Trace {
        let mut new_index = vec![None; self.rows.len()];
        for (new, &old) in rows.iter().enumerate() {
            new_index[old] = Some(new);
        }
        let moved_span = |span: &Span| Some(Span { row: new_index[span.row]?, ..span.clone() });
        let moved_moment =
            |moment: &Moment| Some(Moment { row: new_index[moment.row]?, ..moment.clone() });
        Trace {
            name: self.name.clone(),
            rows: rows.iter().map(|&row| self.rows[row].clone()).collect(),
            spans: self.spans.iter().filter_map(moved_span).collect(),
            moments: self.moments.iter().filter_map(moved_moment).collect(),
            sections: self.sections.clone(),
            ..*self
        }
    }

    pub(super) fn push_row(&mut self, name: String, pid: u32, section: Option<usize>) -> usize {
        let tid = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rows.push(Row::new(name, pid, tid, section));
        self.rows.len() - 1
    }

    pub(super) fn push_span(&mut self, span: Span) {
        if self.spans.len() < LIMIT {
            self.spans.push(span);
        } else {
            self.dropped += 1;
        }
    }

    pub(super) fn push_moment(&mut self, row: usize, mark: Mark, at: Duration) {
        if self.moments.len() < LIMIT {
            self.moments.push(Moment { row, mark, at });
        } else {
            self.dropped += 1;
        }
    }

    /// Adds a section that is open, and returns its index.
    pub(super) fn begin_section(&mut self, name: String, now: Duration) -> usize {
        self.sections.push(Section { name, start: now, end: now, elsewhere: None });
        self.sections.len() - 1
    }

    /// Adds the trace of another process to a section. Its first row is called `name`, the others
    /// `name: worker 1`.
    pub(super) fn include(&mut self, other: Trace, name: &str, section: Option<usize>) {
        let first = self.rows.len();
        for (index, row) in other.rows.into_iter().enumerate() {
            let name = if index == 0 { name.to_owned() } else { format!("{name}: {}", row.name) };
            self.rows.push(Row { name, section, ..row });
        }
        self.append(first, other.spans, other.moments, other.dropped);
    }

    /// Adds what is on the rows of another trace, of which `first` is the first one here.
    fn append(&mut self, first: usize, spans: Vec<Span>, moments: Vec<Moment>, dropped: u64) {
        spans.into_iter().for_each(|span| self.push_span(Span { row: first + span.row, ..span }));
        for Moment { row, mark, at } in moments {
            self.push_moment(first + row, mark, at);
        }
        self.dropped += dropped;
    }

    /// Ends the recording, and puts the rows in the order in which they are drawn.
    pub(super) fn closed(mut self, now: Duration) -> Self {
        self.end = now;
        // The thread that started a section comes first, the others follow by name and number.
        let leads = |row: usize| {
            self.rows.iter().position(|r| r.section == self.rows[row].section) == Some(row)
        };
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|&row| {
            (self.rows[row].section, !leads(row), row_order(&self.rows[row].name))
        });
        self.with_rows(&order)
    }
}
