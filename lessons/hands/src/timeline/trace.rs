//! A recording: rows, spans and moments.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
}

/// A thread or process: one row of the picture.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// `main`, `worker 3`, `process 2`.
    pub name: String,
    /// The id of its process.
    pub pid: u32,
    /// The number of the row, which isn't the system's id of a thread.
    pub tid: u32,
    /// The index of its section, if it belongs to one.
    pub section: Option<usize>,
    /// The time that a pool's worker spent on the pool itself: between its tasks, and handing back
    /// their results. Waiting for a task is idle time.
    pub overhead: Duration,
}

/// Something that a row did, from one time to another.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Span {
    /// The index of its row.
    pub row: usize,
    /// What was done: `sleep 4`.
    pub name: String,
    /// When it began.
    pub start: Duration,
    /// When it ended.
    pub end: Duration,
    /// The pool's task that it was part of, if any.
    pub task: Option<TaskId>,
}

/// The number of a pool's task. Each call of `map` or `imap` counts its inputs from 0. Submitted
/// tasks are counted from the start of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskId {
    /// Its own number.
    pub task: usize,
    /// The number of the first task of its chunk. Tasks with the same one went to a worker
    /// together.
    pub chunk: usize,
}

impl Span {
    /// How long it took.
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }

    /// Whether the two went on at the same time, if only for a moment.
    pub fn overlaps(&self, other: &Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// A moment on a row.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Moment {
    /// The index of its row.
    pub row: usize,
    /// What happened.
    pub mark: Mark,
    /// When.
    pub at: Duration,
}

/// What happened at a moment. Inputs are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A pool has taken this input from the caller's iterator.
    Taken(usize),
    /// A pool has handed the result for this input to the caller.
    Yielded(usize),
}

/// A part of a run that has a picture of its own.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Section {
    /// The name of the part: `thread-pool`.
    pub name: String,
    /// When it began.
    pub start: Duration,
    /// When it ended.
    pub end: Duration,
}

impl Section {
    /// How long it took.
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }
}

impl Trace {
    /// An empty trace of a run that lasted from `start` to `end`.
    pub fn new(name: impl Into<String>, start: Duration, end: Duration) -> Self {
        Trace { name: name.into(), start, end, ..Trace::default() }
    }

    /// Adds a row for a thread or process, and returns its index. The first row is the main one.
    pub fn add_row(&mut self, name: impl Into<String>, pid: u32) -> usize {
        self.push_row(name.into(), pid, None)
    }

    /// Adds a span to a row, unless the trace is [full](LIMIT): then it is counted as
    /// [dropped](Trace::dropped).
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
        assert!(row < self.rows.len(), "row {row} was not added");
        self.push_span(Span { row, name: name.into(), start, end, task: None });
    }

    /// Like [`add_span`](Trace::add_span), for a span that is part of a pool's task.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn add_task_span(
        &mut self,
        row: usize,
        task: TaskId,
        name: impl Into<String>,
        start: Duration,
        end: Duration,
    ) {
        assert!(row < self.rows.len(), "row {row} was not added");
        self.push_span(Span { row, name: name.into(), start, end, task: Some(task) });
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
        let new_index = |row: usize| rows.iter().position(|&kept| kept == row);
        Trace {
            name: section.name.clone(),
            start: section.start,
            end: section.end,
            rows: rows.iter().map(|&row| Row { section: None, ..self.rows[row].clone() }).collect(),
            spans: self
                .spans
                .iter()
                .filter_map(|span| Some(Span { row: new_index(span.row)?, ..span.clone() }))
                .collect(),
            moments: self
                .moments
                .iter()
                .filter_map(|moment| Some(Moment { row: new_index(moment.row)?, ..moment.clone() }))
                .collect(),
            sections: Vec::new(),
            dropped: self.dropped,
        }
    }

    pub(super) fn push_row(&mut self, name: String, pid: u32, section: Option<usize>) -> usize {
        let tid = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rows.push(Row { name, pid, tid, section, overhead: Duration::ZERO });
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
        self.sections.push(Section { name, start: now, end: now });
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
        for span in other.spans {
            self.push_span(Span { row: first + span.row, ..span });
        }
        for moment in other.moments {
            self.push_moment(first + moment.row, moment.mark, moment.at);
        }
        self.dropped += other.dropped;
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
            (self.rows[row].section, !leads(row), natural(&self.rows[row].name))
        });
        let mut new_index = vec![0; self.rows.len()];
        for (new, &old) in order.iter().enumerate() {
            new_index[old] = new;
        }
        self.rows = order.iter().map(|&old| self.rows[old].clone()).collect();
        for span in &mut self.spans {
            span.row = new_index[span.row];
        }
        for moment in &mut self.moments {
            moment.row = new_index[moment.row];
        }
        self
    }
}

/// A key that sorts `worker 10` after `worker 9`.
fn natural(name: &str) -> (String, u64) {
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (text, number) = name.split_at(name.len() - digits);
    (text.to_owned(), number.parse().unwrap_or(0))
}
