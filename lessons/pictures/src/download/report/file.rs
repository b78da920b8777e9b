//! The JSON file of a report, which is a whole array after each entry.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use step::files::FileKind;

use super::super::entry::Entry;

/// How to recognize an earlier report: by the first keys of its first entry.
pub const REPORT: FileKind = FileKind {
    name: "report",
    begins: |head| {
        let text: Vec<u8> =
            head.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let has_outcome = || text.windows(OUTCOME.len()).any(|part| part == OUTCOME);
        text == b"[]"
            || (text.starts_with(br#"[{"link":"#) && (head.len() == 4096 || has_outcome()))
    },
};

const OUTCOME: &[u8] = br#""outcome":"#;

/// The report cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report {}: {why}; give another --report FILE", path.display())]
pub struct ReportError {
    path: PathBuf,
    why: io::Error,
}

/// The JSON array in a file, or in a stream such as a pipe.
#[derive(Debug)]
pub(super) struct ReportFile {
    path: PathBuf,
    file: File,
    /// A pipe, for instance: what was written to it cannot be changed.
    is_stream: bool,
    /// A write has failed.
    is_broken: bool,
    /// Where the closing bracket is, or would be: the next entry is written over it.
    end: u64,
}

const OPEN: &[u8] = b"[";
const CLOSE: &[u8] = b"\n]\n";

impl ReportFile {
    pub(super) fn create(path: &Path) -> Result<Self, ReportError> {
        let create = || {
            REPORT.may_replace(path)?;
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            OpenOptions::new().write(true).create(true).truncate(true).open(path)
        };
        let file = create().map_err(|why| ReportError { path: path.to_owned(), why })?;
        ReportFile::begin(path.to_owned(), file)
    }

    pub(super) fn begin(path: PathBuf, file: File) -> Result<Self, ReportError> {
        let is_stream = !file.metadata().is_ok_and(|found| found.is_file());
        let mut report = ReportFile { path, file, is_stream, is_broken: false, end: 0 };
        report.write_at(0, OPEN)?;
        report.end = OPEN.len() as u64;
        Ok(report)
    }

    /// Writes `entry` over the closing bracket, and the bracket after it, in one write: the file is
    /// a whole JSON array before and after.
    pub(super) fn append(&mut self, entry: &Entry) -> Result<(), ReportError> {
        let text = line(entry, self.end == OPEN.len() as u64);
        self.write_at(self.end, &text)?;
        self.end += text.len() as u64;
        Ok(())
    }

    /// Replaces the entry at this place. A stream gets one more.
    pub(super) fn replace(&mut self, entries: &[Entry], at: usize) -> Result<(), ReportError> {
        if self.is_stream { self.append(&entries[at]) } else { self.rewrite(entries) }
    }

    /// Ends the array in a stream. In a file, `sorted` replaces all entries.
    pub(super) fn finish(&mut self, sorted: Option<&[Entry]>) -> Result<(), ReportError> {
        match sorted {
            _ if self.is_stream => self.write_at(self.end, CLOSE),
            Some(entries) => self.rewrite(entries),
            None => Ok(()),
        }
    }

    fn rewrite(&mut self, entries: &[Entry]) -> Result<(), ReportError> {
        let mut text = OPEN.to_vec();
        for (n, entry) in entries.iter().enumerate() {
            text.extend(line(entry, n == 0));
        }
        self.write_at(0, &text)?;
        self.end = text.len() as u64;
        let length = self.end + CLOSE.len() as u64;
        self.file.set_len(length).map_err(|why| self.error(why))
    }

    /// Writes `text`, and in a file the end of the array after it.
    fn write_at(&mut self, at: u64, text: &[u8]) -> Result<(), ReportError> {
        let written = if !self.is_stream {
            let whole = [text, CLOSE].concat();
            self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.write_all(&whole))
        } else if self.is_broken {
            return Ok(()); // with a gap in it, the rest would make no sense
        } else {
            self.file.write_all(text)
        };
        self.is_broken |= written.is_err();
        written.map_err(|why| self.error(why))
    }

    fn error(&self, why: io::Error) -> ReportError {
        ReportError { path: self.path.clone(), why }
    }
}

/// An entry on a line of its own, after a comma unless it is the first.
fn line(entry: &Entry, is_first: bool) -> Vec<u8> {
    let mut text = if is_first { b"\n  ".to_vec() } else { b",\n  ".to_vec() };
    serde_json::to_writer(&mut text, &entry.for_report())
        .expect("an entry is plain text and numbers");
    text
}
