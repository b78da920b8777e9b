//! How one link ended: an entry of the report.

use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use step::text::{masked, shown};

use super::fault::LinkFailure;

/// How a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkOutcome {
    /// There is a new file.
    Saved,
    /// An earlier run saved the file, and it has not changed since.
    Skipped,
    /// There is no file; the entry says why.
    Failed,
}

impl fmt::Display for LinkOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            LinkOutcome::Saved => "saved",
            LinkOutcome::Skipped => "skipped",
            LinkOutcome::Failed => "failed",
        })
    }
}

/// A file in a download folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The folder's path as it was given, and the file's name.
    pub path: PathBuf,
    /// The size in bytes.
    pub bytes: u64,
}

/// How one link ended, and what is known about it.
///
/// Its JSON has these keys in this order: that is the format of `--report`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The link as its source has it. In a report, its password is masked: `http://me:***@host/`.
    pub link: String,
    /// How it ended.
    pub outcome: LinkOutcome,
    /// The path of the file: the output folder as it was given, and the name. None if it failed.
    pub file: Option<String>,
    /// What happened and what to do. None unless it failed.
    pub reason: Option<String>,
    /// The size of the file in bytes; 0 if it failed.
    pub bytes: u64,
    /// How many times the server was asked; 0 if it was skipped.
    pub attempts: u32,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Entry {
    /// An entry for a link that failed before any server was asked.
    ///
    /// ```
    /// use pictures::download::{Entry, LinkOutcome};
    ///
    /// let entry = Entry::failed("http://host/a.png", "its worker was killed: run again");
    /// assert_eq!(entry.outcome, LinkOutcome::Failed);
    /// ```
    pub fn failed(link: &str, reason: impl fmt::Display) -> Entry {
        Entry {
            link: link.to_owned(),
            outcome: LinkOutcome::Failed,
            file: None,
            reason: Some(shown(&reason.to_string())),
            bytes: 0,
            attempts: 0,
            seconds: 0.0,
        }
    }

    /// The same as a report writes it: without the password in its link.
    pub(super) fn for_report(&self) -> Entry {
        Entry { link: masked(&self.link), ..self.clone() }
    }
}

impl fmt::Debug for Entry {
    /// The JSON, as a report has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(&self.for_report());
        f.write_str(&json.map_err(|_| fmt::Error)?)
    }
}

impl fmt::Display for Entry {
    /// The line to print when a link has ended. The report at the end says why it failed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.outcome, &self.file) {
            (LinkOutcome::Saved, Some(file)) => write!(f, "Saved {file}"),
            (LinkOutcome::Skipped, Some(file)) => write!(f, "Skipped {file}: it is there"),
            _ => write!(f, "Failed {}", shown(&self.link)),
        }
    }
}

/// A link that is being worked on, and since when. Every visit ends in an [`Entry`].
///
/// ```
/// use pictures::download::{LinkFailure, LinkOutcome, Visit};
///
/// let visit = Visit::begin("http://host/a.png");
/// let entry = visit.failed(LinkFailure::new("the picture is upside down"));
/// assert_eq!((entry.link, entry.outcome), (visit.link, LinkOutcome::Failed));
/// ```
pub struct Visit {
    /// The link.
    pub link: String,
    start: Instant,
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("link", &masked(&self.link)).finish_non_exhaustive()
    }
}

impl Visit {
    /// A visit that begins now.
    pub fn begin(link: impl Into<String>) -> Visit {
        Visit::since(link, Instant::now())
    }

    /// A visit that began at `start`, perhaps on another machine.
    pub fn since(link: impl Into<String>, start: Instant) -> Visit {
        Visit { link: link.into(), start }
    }

    /// There is a new file, for which the server was asked this many times.
    pub fn saved(&self, saved: Saved, attempts: u32) -> Entry {
        self.with_file(LinkOutcome::Saved, saved, attempts)
    }

    /// An earlier run saved it.
    pub fn skipped(&self, kept: Saved) -> Entry {
        self.with_file(LinkOutcome::Skipped, kept, 0)
    }

    /// There is no file, for this reason.
    pub fn failed(&self, failure: impl Into<LinkFailure>) -> Entry {
        let LinkFailure { reason, attempts } = failure.into();
        Entry { attempts, seconds: self.seconds(), ..Entry::failed(&self.link, reason) }
    }

    fn with_file(&self, outcome: LinkOutcome, file: Saved, attempts: u32) -> Entry {
        Entry {
            link: self.link.clone(),
            outcome,
            file: Some(file.path.display().to_string()),
            reason: None,
            bytes: file.bytes,
            attempts,
            seconds: self.seconds(),
        }
    }

    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}
