//! A trace on disk, in the Chrome trace-event format.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::files::FileKind;
use crate::println;

use super::trace::{Mark, Moment, Row, Section, Span, TaskId, Trace};

/// The object form of the format. Viewers read `traceEvents`, and the rest is for us.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    trace_events: Vec<Event>,
    display_time_unit: String,
    other_data: Run,
}

#[derive(Serialize, Deserialize)]
struct Run {
    step: String,
    start: Micros,
    end: Micros,
    sections: Vec<Part>,
    dropped: u64,
}

#[derive(Serialize, Deserialize)]
struct Part {
    name: String,
    start: Micros,
    end: Micros,
}

/// `M` names a row, `X` is a span, `i` is a moment.
#[derive(Serialize, Deserialize)]
#[serde(tag = "ph")]
enum Event {
    M {
        name: String,
        pid: u32,
        tid: u32,
        args: RowArgs,
    },
    X {
        name: String,
        cat: String,
        ts: Micros,
        dur: Micros,
        pid: u32,
        tid: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        args: Option<TaskId>,
    },
    #[serde(rename = "i")]
    I {
        name: String,
        ts: Micros,
        pid: u32,
        tid: u32,
        s: String,
    },
}

#[derive(Serialize, Deserialize)]
struct RowArgs {
    name: String,
    section: Option<usize>,
    overhead: Micros,
}

/// Microseconds, with nanoseconds as decimals.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
struct Micros(f64);

impl From<Duration> for Micros {
    fn from(time: Duration) -> Self {
        Micros(time.as_nanos() as f64 / 1000.0)
    }
}

impl From<Micros> for Duration {
    fn from(Micros(time): Micros) -> Self {
        Duration::from_nanos((time.max(0.0) * 1000.0).round() as u64)
    }
}

/// Where the trace of a run goes if no other file is given: `target/timelines/<name>.json`.
pub fn default_file(name: &str) -> PathBuf {
    Path::new("target/timelines").join(name).with_extension("json")
}

/// Recognises a file that holds a trace by its first row.
pub const KIND: FileKind = FileKind {
    name: "timeline",
    begins: |head| {
        let text: Vec<u8> =
            head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        text.starts_with(br#"{"traceEvents":[{"ph":"M","name":"thread_name","#)
    },
};

impl Trace {
    /// Writes the trace to `file` as JSON, in the [Chrome trace-event format][format]: one complete
    /// event (`"ph": "X"`) per span, with `ts` and `dur` in microseconds. Missing folders are
    /// created.
    ///
    /// [format]: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU/
    ///
    /// # Errors
    ///
    /// If the file can't be written, or already exists and isn't a trace, in which case it is left
    /// alone. The error names the file.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let named = |error: io::Error| {
            io::Error::new(
                error.kind(),
                format!("the timeline cannot be written to {}: {error}", file.display()),
            )
        };
        KIND.may_replace(file).map_err(named)?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(named)?;
        }
        let json = serde_json::to_vec(&self.to_file()).map_err(io::Error::from).map_err(named)?;
        fs::write(file, json).map_err(named)
    }

    /// Writes the trace to `file` or, if that is `None`, to `target/timelines/<name>.json`, and
    /// prints the name of the file.
    ///
    /// # Errors
    ///
    /// If the trace can't be written. The error names the file.
    pub fn save(&self, file: Option<PathBuf>) -> io::Result<()> {
        let file = file.unwrap_or_else(|| default_file(&self.name));
        self.write(&file)?;
        println!("Timeline: {} (opens in https://ui.perfetto.dev)", file.display());
        Ok(())
    }

    /// Reads a trace that [`write`](Trace::write) wrote.
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
        let parsed: File = serde_json::from_str(&json).map_err(io::Error::from).map_err(named)?;
        Trace::from_file(parsed).ok_or_else(|| {
            named(io::Error::new(
                io::ErrorKind::InvalidData,
                "an event belongs to a row that the file does not name",
            ))
        })
    }

    fn to_file(&self) -> File {
        let section =
            |row: &Row| row.section.map_or("", |index| &self.sections[index].name).to_owned();
        let rows = self.rows.iter().map(|row| Event::M {
            name: "thread_name".to_owned(),
            pid: row.pid,
            tid: row.tid,
            args: RowArgs {
                name: row.name.clone(),
                section: row.section,
                overhead: row.overhead.into(),
            },
        });
        let spans = self.spans.iter().map(|span| {
            let row = &self.rows[span.row];
            Event::X {
                name: span.name.clone(),
                cat: section(row),
                ts: span.start.into(),
                dur: span.length().into(),
                pid: row.pid,
                tid: row.tid,
                args: span.task,
            }
        });
        let moments = self.moments.iter().map(|moment| {
            let row = &self.rows[moment.row];
            let name = match moment.mark {
                Mark::Taken(index) => format!("take {index}"),
                Mark::Yielded(index) => format!("yield {index}"),
            };
            Event::I { name, ts: moment.at.into(), pid: row.pid, tid: row.tid, s: "t".to_owned() }
        });
        File {
            trace_events: rows.chain(spans).chain(moments).collect(),
            display_time_unit: "ms".to_owned(),
            other_data: Run {
                step: self.name.clone(),
                start: self.start.into(),
                end: self.end.into(),
                sections: self
                    .sections
                    .iter()
                    .map(|section| Part {
                        name: section.name.clone(),
                        start: section.start.into(),
                        end: section.end.into(),
                    })
                    .collect(),
                dropped: self.dropped,
            },
        }
    }

    fn from_file(file: File) -> Option<Trace> {
        let run = file.other_data;
        let mut trace = Trace {
            name: run.step,
            start: run.start.into(),
            end: run.end.into(),
            sections: run
                .sections
                .into_iter()
                .map(|part| Section {
                    name: part.name,
                    start: part.start.into(),
                    end: part.end.into(),
                })
                .collect(),
            dropped: run.dropped,
            ..Trace::default()
        };
        for event in file.trace_events {
            let row_of = |rows: &[Row], pid, tid| {
                rows.iter().position(|row| (row.pid, row.tid) == (pid, tid))
            };
            match event {
                Event::M { pid, tid, args, .. } => {
                    if args.section.is_some_and(|index| index >= trace.sections.len()) {
                        return None;
                    }
                    let RowArgs { name, section, overhead } = args;
                    trace.rows.push(Row { name, pid, tid, section, overhead: overhead.into() });
                }
                Event::X { name, ts, dur, pid, tid, args, .. } => {
                    let row = row_of(&trace.rows, pid, tid)?;
                    let start: Duration = ts.into();
                    let end = start + dur.into();
                    trace.spans.push(Span { row, name, start, end, task: args });
                }
                Event::I { name, ts, pid, tid, .. } => {
                    let row = row_of(&trace.rows, pid, tid)?;
                    let (what, index) = name.split_once(' ')?;
                    let index = index.parse().ok()?;
                    let mark = match what {
                        "take" => Mark::Taken(index),
                        "yield" => Mark::Yielded(index),
                        _ => return None,
                    };
                    trace.moments.push(Moment { row, mark, at: ts.into() });
                }
            }
        }
        Some(trace)
    }
}
