//! A step that is running, and what it leaves behind.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use hands::timeline::Trace;
use tempfile::TempDir;

use crate::child::Child;
use crate::output::Output;

/// Where a step puts its files.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) timeline: PathBuf,
    pub(crate) out: PathBuf,
    /// Only steps that save something have one.
    pub(crate) report: Option<PathBuf>,
}

/// A step that is running. If this is dropped, it is killed, and so is everything that it has
/// started.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    stdout: Output,
    stderr: Output,
    start: Instant,
    limit: Duration,
    files: Files,
    folder: TempDir,
}

impl Running {
    /// Its child, whose outputs are pipes; how long it may run; and its files, in a folder that
    /// goes with it.
    pub(crate) fn new(
        name: String,
        mut child: Child,
        limit: Duration,
        files: Files,
        folder: TempDir,
    ) -> Running {
        let stdout = Output::capture(child.stdout());
        let stderr = Output::capture(child.stderr());
        Running { name, child, stdout, stderr, start: Instant::now(), limit, files, folder }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// What it has printed so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// If it doesn't end in time.
    #[track_caller]
    pub fn wait(self) -> Run {
        self.try_wait().unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn try_wait(mut self) -> io::Result<Run> {
        let status = self.child.wait(self.limit.saturating_sub(self.start.elapsed()))?;
        if status.is_none() {
            self.child.kill();
        }
        // A process that it left behind may hold its output open. Nobody waits for that one.
        let rest = Duration::from_secs(if status.is_some() { 5 } else { 1 });
        let is_whole = self.stdout.ends_within(rest) && self.stderr.ends_within(rest);
        let (stdout, stderr) = (self.stdout.text(), self.stderr.text());
        let problem = match status {
            Some(status) if is_whole => {
                let pid = self.pid();
                let Running { files, folder, .. } = self;
                return Ok(Run { status, stdout, stderr, pid, files, folder });
            }
            Some(_) => {
                self.child.kill();
                "left a process behind that holds its output open".to_owned()
            }
            None => format!("didn't end within {:?}, and was killed", self.limit),
        };
        let Running { name, .. } = &self;
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("{name} {problem}\n--- stdout:\n{stdout}\n--- stderr:\n{stderr}"),
        ))
    }
}

/// What a step left behind. Its temporary files go when this is dropped.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
    /// The id of its process.
    pub pid: u32,
    files: Files,
    folder: TempDir,
}

impl Run {
    /// What ran when.
    ///
    /// # Panics
    ///
    /// If the step has written no trace. The message holds what it printed.
    #[track_caller]
    pub fn trace(&self) -> Trace {
        Trace::read(&self.files.timeline).unwrap_or_else(|error| {
            panic!("{error}\n--- stdout:\n{}\n--- stderr:\n{}", self.stdout, self.stderr)
        })
    }

    /// The JSON report of a step that writes one.
    ///
    /// # Panics
    ///
    /// If the report isn't JSON.
    #[track_caller]
    pub fn report(&self) -> Option<serde_json::Value> {
        let json = std::fs::read(self.files.report.as_ref()?).ok()?;
        Some(serde_json::from_slice(&json).expect("a report in JSON"))
    }

    /// Where the trace was written.
    pub fn timeline(&self) -> &Path {
        &self.files.timeline
    }

    /// Where the step was told to put its results.
    pub fn out(&self) -> &Path {
        &self.files.out
    }

    /// A folder of this run alone, which goes with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
