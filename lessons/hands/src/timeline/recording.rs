//! The recording as its owner sees it.

use std::io;
use std::path::PathBuf;

use super::clock;
use super::recorder::{self, Child, Recorder, recorder};
use super::trace::Trace;

/// The recording of this process, from [`start`](Timeline::start) to [`stop`](Timeline::stop) or
/// [`finish`](Timeline::finish).
#[derive(Debug)]
#[must_use = "a timeline that is dropped at once records nothing"]
pub struct Timeline {
    name: String,
}

impl Timeline {
    /// Starts recording. `name` is the name of the run, and of the file that its trace goes to by
    /// default.
    ///
    /// The thread that starts the timeline has the first row. A timeline that is already running in
    /// this process is replaced, and what it has recorded is lost.
    pub fn start(name: impl Into<String>) -> Self {
        let name = name.into();
        recorder::start(name.clone());
        Timeline { name }
    }

    /// Begins a new section: everything from here on is drawn as a picture of its own. For a
    /// program that does the same work in several ways.
    pub fn section(&self, name: impl Into<String>) {
        if let Some(recorder) = recorder().as_mut() {
            recorder.begin_section(name.into(), clock::now());
        }
    }

    /// Ends the section, if there is one, and returns what was recorded in it, without the traces
    /// of [child processes](Timeline::file_for_child). Whatever is recorded before the next section
    /// begins belongs to none.
    pub fn end_section(&self) -> Trace {
        let now = clock::now();
        let mut guard = recorder();
        let part = guard.as_mut().and_then(|recorder| {
            let open = recorder.section?;
            recorder.end_section(now);
            Some(recorder.trace.clone().closed(now).part(open))
        });
        part.unwrap_or_else(|| Trace::new(self.name.clone(), now, now))
    }

    /// A file to which a child process can [write](Trace::write) its own trace. When this timeline
    /// ends, the child's trace becomes part of it, as the row `process 1`, and the file is removed.
    /// The next call returns a file for `process 2`.
    ///
    /// A child that is killed writes nothing, and has no row.
    pub fn file_for_child(&self) -> PathBuf {
        let mut guard = recorder();
        let number = guard.as_mut().map_or(1, Recorder::next_process);
        let name = format!("{}-{}-process-{number}.json", self.name, std::process::id());
        let file = std::env::temp_dir().join(name);
        if let Some(recorder) = guard.as_mut() {
            let child = Child { number, section: recorder.section, file: file.clone() };
            recorder.children.push(child);
        }
        file
    }

    /// Stops recording and returns what was recorded.
    #[must_use]
    pub fn stop(self) -> Trace {
        let now = clock::now();
        let Some(mut recorder) = recorder::stop() else {
            return Trace::new(self.name, now, now); // another timeline took its place
        };
        recorder.end(now);
        let Recorder { mut trace, children, .. } = recorder;
        for Child { number, section, file } in children {
            if let Ok(child) = Trace::read(&file) {
                trace.include(child, &format!("process {number}"), section);
                std::fs::remove_file(file).ok(); // it's only a temporary file
            }
        }
        trace.closed(now)
    }

    /// Stops recording, prints the rows, and writes the trace to `file` or, if that is `None`, to
    /// `target/timelines/<name>.json`.
    ///
    /// # Errors
    ///
    /// If the trace can't be written. The error names the file.
    pub fn finish(self, file: Option<PathBuf>) -> io::Result<Trace> {
        let trace = self.stop();
        trace.show(file)?;
        Ok(trace)
    }
}
