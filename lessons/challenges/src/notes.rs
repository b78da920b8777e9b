//! Notes that worker processes take, for their check to read.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;

/// A file to which the worker processes of a check append lines. It goes when it is dropped.
#[derive(Debug)]
#[must_use = "the file goes when this is dropped"]
pub struct Notes(PathBuf);

/// What was noted, and in which process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The text.
    pub text: String,
    /// The process.
    pub pid: u32,
}

impl Notes {
    /// Nothing is noted yet.
    ///
    /// # Panics
    ///
    /// If there is no room for a temporary file.
    pub fn begin() -> Self {
        let path = path(process::id());
        File::create(&path).expect("a place for notes; TMPDIR can name another");
        Notes(path)
    }

    /// All notes so far.
    ///
    /// # Panics
    ///
    /// If the file has been removed.
    pub fn read(&self) -> Vec<Note> {
        read(&self.0)
    }

    /// The worker processes that have noted their [start](note_start).
    ///
    /// # Panics
    ///
    /// If the file has been removed.
    pub fn started(&self) -> BTreeSet<u32> {
        let started = self.read().into_iter().filter(|note| note.text == STARTED);
        started.map(|note| note.pid).collect()
    }

    /// The length of the notes so far, for [`Check::watch`](crate::Check::watch).
    pub fn length(&self) -> impl Fn() -> u64 + Send + 'static {
        let path = self.0.clone();
        move || fs::metadata(&path).map_or(0, |notes| notes.len())
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Appends a line to the notes of the check that this worker process belongs to. Returns how many
/// times the same line has been noted so far, including this time.
///
/// # Panics
///
/// If the check has no notes.
pub fn note(text: &str) -> usize {
    let path = path(std::os::unix::process::parent_id());
    let mut notes = File::options().append(true).open(&path).expect("the check has begun notes");
    // One system call per line, so that two processes never write into each other's lines.
    let line = format!("{} {text}\n", process::id());
    notes.write_all(line.as_bytes()).expect("room for a line");
    times_noted(text)
}

/// Notes that it has started, in a worker process whose check has begun notes. Call it first in
/// `main`, before `process::init`: so the check knows which processes there were, whatever the
/// answer says.
pub fn note_start() {
    if path(std::os::unix::process::parent_id()).exists() {
        note(STARTED);
    }
}

/// What [`note_start`] notes.
const STARTED: &str = "started";

/// How many times this has been noted, in whichever worker process.
///
/// # Panics
///
/// If the check has no notes.
pub fn times_noted(text: &str) -> usize {
    read(&path(std::os::unix::process::parent_id())).iter().filter(|note| note.text == text).count()
}

fn read(path: &Path) -> Vec<Note> {
    let text = fs::read_to_string(path).expect("the notes are there");
    let note = |line: &str| {
        let (pid, text) = line.split_once(' ')?;
        Some(Note { text: text.to_owned(), pid: pid.parse().ok()? })
    };
    text.lines().filter_map(note).collect()
}

fn path(check: u32) -> PathBuf {
    std::env::temp_dir().join(format!("many-hands-notes-{check}"))
}
