//! Reads a trace from disk: our own, or what another program wrote.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::format::{Event, File, Part, Run};
use crate::timeline::entries::{Mark, Moment, Row, Section, Span};
use crate::timeline::trace::Trace;

impl Trace {
    /// Reads a trace that [`write`](Trace::write) wrote, or what another program wrote in the
    /// Chrome trace-event format: viztracer for Python, tracing-chrome for Rust. Of such a file the
    /// threads, their names, and their spans are read (`X`, or `B` and `E`). The trace then has the
    /// name of the file, and lasts from the beginning of its first span to the end of its last.
    ///
    /// # Errors
    ///
    /// If the file can't be read or isn't a trace. The error names the file.
    pub fn read(file: &Path) -> io::Result<Trace> {
        let named = |error: io::Error| {
            io::Error::new(
                error.kind(),
                format!("the timeline {} cannot be read: {error}", file.display()),
            )
        };
        let json = fs::read_to_string(file).map_err(named)?;
        let parse = || {
            if json.trim_start().starts_with('[') {
                return Ok((None, serde_json::from_str::<Vec<Event>>(&json)?)); // only the events
            }
            let File { other_data, trace_events, .. } = serde_json::from_str(&json)?;
            Ok((other_data.and_then(|run| serde_json::from_value(run).ok()), trace_events))
        };
        let (run, events) =
            parse().map_err(|error: serde_json::Error| named(io::Error::from(error)))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let mut reader = Reader::new(run, &name);
        events.into_iter().try_for_each(|event| reader.event(event)).map_err(named)?;
        Ok(reader.end())
    }
}

/// A trace that is being read.
struct Reader {
    trace: Trace,
    /// Whether the file says when the run began and ended.
    is_whole: bool,
    /// The rows by the ids of their processes and threads.
    rows: HashMap<(u32, u32), usize>,
    /// The spans that have begun.
    open: HashMap<usize, Vec<(String, Duration)>>,
}

impl Reader {
    fn new(run: Option<Run>, name: &str) -> Reader {
        let is_whole = run.is_some();
        let trace = match run {
            None => Trace::new(name, Duration::ZERO, Duration::ZERO),
            Some(run) => Trace {
                sections: run.sections.into_iter().map(section).collect(),
                dropped: run.dropped,
                elsewhere: run.elsewhere.map(Into::into),
                ..Trace::new(run.step, run.start.into(), run.end.into())
            },
        };
        Reader { trace, is_whole, rows: HashMap::new(), open: HashMap::new() }
    }

    fn event(&mut self, event: Event) -> io::Result<()> {
        let Event { ph, name, ts, dur, tdur, pid, tid, args, .. } = event;
        let at: Duration = ts.map_or(Duration::ZERO, Into::into);
        match ph.as_str() {
            "M" if name == "thread_name" => {
                if args.section.is_some_and(|index| index >= self.trace.sections.len()) {
                    return Err(invalid("a row belongs to a section that the file does not name"));
                }
                let index = self.row(pid, tid);
                let row = &mut self.trace.rows[index];
                row.name = args.name.unwrap_or_default();
                row.section = args.section;
                row.overhead = args.overhead.map_or(Duration::ZERO, Into::into);
                row.delayed = args.delayed.map_or(Duration::ZERO, Into::into);
                row.is_variable = args.variable.unwrap_or_default();
            }
            "X" => {
                let row = self.row(pid, tid);
                let end = at + dur.map_or(Duration::ZERO, Into::into);
                let span = Span::new(row, name, at, end).with_computed(tdur.map(Into::into));
                let span = span.with_task(args.task).with_wait(args.waits_for);
                self.trace.push_span(span.with_stolen(args.stolen_from));
            }
            "B" => {
                let row = self.row(pid, tid);
                self.open.entry(row).or_default().push((name, at));
            }
            "E" => {
                let row = self.row(pid, tid);
                if let Some((name, start)) = self.open.get_mut(&row).and_then(Vec::pop) {
                    self.trace.push_span(Span::new(row, name, start, at));
                }
            }
            "i" if self.is_whole => {
                let row = self.row(pid, tid);
                let mark =
                    mark(&name).ok_or_else(|| invalid("a moment is no `take` or `yield`"))?;
                self.trace.moments.push(Moment { row, mark, at });
            }
            _ => {}
        }
        Ok(())
    }

    /// The row of a thread, added if it is new.
    fn row(&mut self, pid: u32, tid: u32) -> usize {
        let next = self.trace.rows.len();
        let row = *self.rows.entry((pid, tid)).or_insert(next);
        if row == next {
            let name = format!("thread {}", next + 1);
            self.trace.rows.push(Row::new(name, pid, next as u32, None));
        }
        row
    }

    fn end(mut self) -> Trace {
        if !self.is_whole {
            let spans = &self.trace.spans;
            self.trace.start = spans.iter().map(|span| span.start).min().unwrap_or_default();
            self.trace.end = spans.iter().map(|span| span.end).max().unwrap_or_default();
            let begins = |row: usize| {
                spans.iter().filter(|span| span.row == row).map(|span| span.start).min()
            };
            // A thread that recorded nothing says nothing.
            let mut order: Vec<(Duration, usize)> =
                (0..self.trace.rows.len()).filter_map(|row| Some((begins(row)?, row))).collect();
            order.sort_unstable();
            let order: Vec<usize> = order.into_iter().map(|(_, row)| row).collect();
            self.trace = self.trace.with_rows(&order);
        }
        self.trace
    }
}

fn section(part: Part) -> Section {
    Section {
        name: part.name,
        start: part.start.into(),
        end: part.end.into(),
        elsewhere: part.elsewhere.map(Into::into),
    }
}

/// `take 3` or `yield 3`.
fn mark(name: &str) -> Option<Mark> {
    let (what, index) = name.split_once(' ')?;
    let index = index.parse().ok()?;
    match what {
        "take" => Some(Mark::Taken(index)),
        "yield" => Some(Mark::Yielded(index)),
        _ => None,
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
