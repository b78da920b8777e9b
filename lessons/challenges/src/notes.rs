//! What worker processes note, for their check to read.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;

/// A file to which the worker processes of a check append lines. It goes when it is dropped.
#[derive(Debug)]
#[must_use = "who drops it at once takes the file away"]
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
    /// If there is no place for a temporary file.
    pub fn begin() -> Self {
        let path = path(process::id());
        File::create(&path).expect("a place for notes; TMPDIR can name another");
        Notes(path)
    }

    /// All notes so far.
    ///
    /// # Panics
    ///
    /// If somebody took the file away.
    pub fn read(&self) -> Vec<Note> {
        read(&self.0)
    }

    /// How much was noted so far, for [`Check::watch`](crate::Check::watch).
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

/// Appends a line to the notes of the check whose worker process this is, and says how often the same was
/// noted so far, this time included.
///
/// # Panics
///
/// If the check has no notes.
#[cfg(unix)]
pub fn note(text: &str) -> usize {
    let path = path(std::os::unix::process::parent_id());
    let mut notes = File::options().append(true).open(&path).expect("the check has begun notes");
    // One call of the system a line: two processes never write into each other's.
    let line = format!("{} {text}\n", process::id());
    notes.write_all(line.as_bytes()).expect("room for a line");
    read(&path).iter().filter(|note| note.text == text).count()
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
