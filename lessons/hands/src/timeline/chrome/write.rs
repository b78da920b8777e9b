//! Writes a trace to disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::format::{Args, Event, File, Part, Run};
use crate::files::FileKind;
use crate::println;
use crate::timeline::entries::{Mark, Row};
use crate::timeline::trace::Trace;

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

    fn to_file(&self) -> File {
        let rows = self.rows.iter().map(|row| Event {
            ph: "M".to_owned(),
            name: "thread_name".to_owned(),
            args: Args {
                name: Some(row.name.clone()),
                section: row.section,
                overhead: Some(row.overhead.into()),
                delayed: (!row.delayed.is_zero()).then(|| row.delayed.into()),
                variable: row.is_variable.then_some(true),
                ..Args::default()
            },
            ..on(row)
        });
        let spans = self.spans.iter().map(|span| {
            let row = &self.rows[span.row];
            let section = row.section.map_or("", |index| &self.sections[index].name);
            Event {
                ph: "X".to_owned(),
                name: span.name.clone(),
                cat: Some(section.to_owned()),
                ts: Some(span.start.into()),
                dur: Some(span.length().into()),
                tdur: span.computed.map(Into::into),
                args: Args {
                    task: span.task,
                    waits_for: span.waits_for.clone(),
                    stolen_from: span.stolen_from.clone(),
                    ..Args::default()
                },
                ..on(row)
            }
        });
        let moments = self.moments.iter().map(|moment| Event {
            ph: "i".to_owned(),
            name: match moment.mark {
                Mark::Taken(index) => format!("take {index}"),
                Mark::Yielded(index) => format!("yield {index}"),
            },
            ts: Some(moment.at.into()),
            s: Some("t".to_owned()),
            ..on(&self.rows[moment.row])
        });
        File {
            trace_events: rows.chain(spans).chain(moments).collect(),
            display_time_unit: "ms".to_owned(),
            other_data: serde_json::to_value(self.run()).ok(),
        }
    }

    fn run(&self) -> Run {
        let sections = self.sections.iter().map(|section| Part {
            name: section.name.clone(),
            start: section.start.into(),
            end: section.end.into(),
            elsewhere: section.elsewhere.map(Into::into),
        });
        Run {
            step: self.name.clone(),
            start: self.start.into(),
            end: self.end.into(),
            sections: sections.collect(),
            dropped: self.dropped,
            elsewhere: self.elsewhere.map(Into::into),
        }
    }
}

/// An event of a row that says nothing yet.
fn on(row: &Row) -> Event {
    Event {
        ph: String::new(),
        name: String::new(),
        cat: None,
        ts: None,
        dur: None,
        tdur: None,
        pid: row.pid,
        tid: row.tid,
        s: None,
        args: Args::default(),
    }
}
