//! A finished recording: what it holds and what it says.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::println;

/// What a run left behind: rows, the spans on them, and the moments that were marked.
///
/// On disk it is a file in the [Chrome trace-event format][format], which Perfetto and other viewers
/// open: one complete event (`"ph": "X"`) a span, with `ts` and `dur` in microseconds.
///
/// [format]: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU/
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The step, or whatever else the run was called.
    pub step: String,
    /// When the recording began, on the clock that all spans share.
    pub start: Duration,
    /// When the recording ended.
    pub end: Duration,
    /// One row a thread or process, in the order in which they are drawn: the main row first.
    pub rows: Vec<Row>,
    /// Every span that was kept.
    pub spans: Vec<Span>,
    /// Every moment that was kept.
    pub moments: Vec<Moment>,
    /// The parts of a run that does the same work in several ways.
    pub sections: Vec<Section>,
    /// How many spans and moments came after the limit was reached.
    pub dropped: u64,
}

/// Who worked: one row of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// `main`, `worker 3`, `process 2`.
    pub name: String,
    /// The process.
    pub pid: u32,
    /// A number for the row within its process. It is not the system's thread id.
    pub tid: u32,
    /// The index of the section that the row belongs to.
    pub section: Option<usize>,
    /// Time that a pool's worker spent on the pool itself: between its tasks, and handing back their
    /// results. Waiting for a task is idle time.
    pub overhead: Duration,
}

/// A piece of work: who, what, from, to.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The index of its row.
    pub row: usize,
    /// What was done: `sleep 4`.
    pub name: String,
    /// When it began.
    pub start: Duration,
    /// When it ended.
    pub end: Duration,
    /// The task of a pool that it was part of, if it was.
    pub task: Option<TaskId>,
}

/// Which of a pool's tasks it was, in the order of the inputs. Inputs are counted from 0, with each call
/// of `map` or `imap` anew; what was submitted is counted through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskId {
    /// Its own number.
    pub task: usize,
    /// The number of the first task of its chunk: those with the same went to the worker together.
    pub chunk: usize,
}

impl Span {
    /// How long it took.
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }

    /// Whether the two have a moment in common.
    pub fn overlaps(&self, other: &Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// A moment on a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The index of its row.
    pub row: usize,
    /// What happened.
    pub mark: Mark,
    /// When.
    pub at: Duration,
}

/// What can happen at a moment. Inputs are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A pool has taken this input from the caller's iterator.
    Taken(usize),
    /// A pool has handed the result for this input to the caller.
    Yielded(usize),
}

/// A part of the run with a picture of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What the part is called: `thread-pool`.
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

/// Where the time went. See [`Trace::summary`].
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// From the start of the run to its end.
    pub wall: Duration,
    /// A row's share, in the order of [`Trace::rows`].
    pub rows: Vec<RowTime>,
    /// The longest span of all: with any number of workers the run lasts at least this long.
    pub longest: Option<Span>,
    /// The spans of the main row during which no other row had one, added up. No worker can shorten
    /// that.
    pub serial: Duration,
}

impl Summary {
    /// What no number of workers can beat: the serial part, and after it the longest span.
    pub fn bound(&self) -> Duration {
        self.serial + self.longest.as_ref().map_or(Duration::ZERO, Span::length)
    }
}

/// Where one row's time went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowTime {
    /// Working on tasks.
    pub busy: Duration,
    /// Working for the pool.
    pub overhead: Duration,
    /// Neither: waiting.
    pub idle: Duration,
}

impl Trace {
    pub(super) fn new(step: String, start: Duration) -> Self {
        Trace { step, start, end: start, ..Trace::default() }
    }

    /// From start to end.
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.start)
    }

    /// Prints the rows, and [saves](Trace::save) the trace: the last lines of a step.
    ///
    /// # Errors
    ///
    /// As [`write`](Trace::write).
    pub fn show(&self, file: Option<PathBuf>) -> io::Result<()> {
        println!("\n{}", self.text());
        self.save(file)
    }

    /// Writes the trace to `file`, or to `target/timelines/<step>.json` if there is none given, and says so.
    ///
    /// # Errors
    ///
    /// If the trace cannot be written. The error names the file.
    pub fn save(&self, file: Option<PathBuf>) -> io::Result<()> {
        let file = file.unwrap_or_else(|| super::default_file(&self.step));
        self.write(&file)?;
        println!("Timeline: {} (opens in https://ui.perfetto.dev)", file.display());
        Ok(())
    }

    /// The spans of the rows that `choose` picks by name.
    pub fn spans_of(&self, choose: impl Fn(&str) -> bool) -> Vec<&Span> {
        self.spans.iter().filter(|span| choose(&self.rows[span.row].name)).collect()
    }

    /// How many spans went on at the same time, at most.
    pub fn at_once(&self) -> usize {
        let begins = self.spans.iter().map(|span| (span.start, 1));
        let ends = self.spans.iter().map(|span| (span.end, -1));
        let mut changes: Vec<(Duration, i64)> = begins.chain(ends).collect();
        changes.sort_unstable(); // at equal times an end comes before a beginning
        let mut now = 0;
        changes
            .iter()
            .map(|(_, change)| {
                now += change;
                now
            })
            .max()
            .unwrap_or(0) as usize
    }

    /// One section as a trace of its own, or `None` if there is none of this name.
    pub fn section(&self, name: &str) -> Option<Trace> {
        let index = self.sections.iter().position(|section| section.name == name)?;
        Some(self.part(index))
    }

    /// The parts that are drawn one by one: the sections, or the whole if there are none.
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
            step: section.name.clone(),
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

    /// Where the time went: busy, overhead and idle for each row, and what bounds the whole.
    pub fn summary(&self) -> Summary {
        let wall = self.length();
        let mut rows: Vec<RowTime> = self
            .rows
            .iter()
            .map(|row| RowTime { overhead: row.overhead, ..RowTime::default() })
            .collect();
        for span in &self.spans {
            rows[span.row].busy += span.length();
        }
        for row in &mut rows {
            row.idle = wall.saturating_sub(row.busy + row.overhead);
        }
        let is_main = |span: &&Span| span.row == 0;
        let alone = self.spans.iter().all(|span| span.row == 0);
        let serial = if alone {
            Duration::ZERO
        } else {
            let others: Vec<&Span> = self.spans.iter().filter(|span| span.row != 0).collect();
            self.spans
                .iter()
                .filter(is_main)
                .filter(|span| !others.iter().any(|other| other.overlaps(span)))
                .map(Span::length)
                .sum()
        };
        let longest = self
            .spans
            .iter()
            .filter(|span| alone || span.row != 0)
            .max_by_key(|span| span.length())
            .cloned();
        Summary { wall, rows, longest, serial }
    }

    pub(super) fn push_row(&mut self, name: String, pid: u32, section: Option<usize>) -> usize {
        let tid = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rows.push(Row { name, pid, tid, section, overhead: Duration::ZERO });
        self.rows.len() - 1
    }

    pub(super) fn push_span(&mut self, span: Span, limit: usize) {
        if self.spans.len() < limit {
            self.spans.push(span);
        } else {
            self.dropped += 1;
        }
    }

    pub(super) fn push_moment(&mut self, row: usize, mark: Mark, at: Duration, limit: usize) {
        if self.moments.len() < limit {
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

    /// Adds what another process recorded, to a section. Its first row is called `name`, others
    /// `name: worker 1`.
    pub(super) fn include(
        &mut self,
        other: Trace,
        name: &str,
        section: Option<usize>,
        limit: usize,
    ) {
        let first = self.rows.len();
        for (index, row) in other.rows.into_iter().enumerate() {
            let name = if index == 0 { name.to_owned() } else { format!("{name}: {}", row.name) };
            self.rows.push(Row { name, section, ..row });
        }
        for span in other.spans {
            self.push_span(Span { row: first + span.row, ..span }, limit);
        }
        for moment in other.moments {
            self.push_moment(first + moment.row, moment.mark, moment.at, limit);
        }
        self.dropped += other.dropped;
    }

    /// Ends the recording: the rows in the order in which they are drawn.
    pub(super) fn closed(mut self, now: Duration) -> Self {
        self.end = now;
        // The thread that started a section leads it; the others follow by name and number.
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
