//! How far the reader has got: `progress.txt`, in their folder.
//!
//! A line `03_imap` says that the challenge is done, and `03_imap hint 1` that its first hint was
//! read. Whatever else the reader writes there stays.

use std::path::{Path, PathBuf};
use std::{fs, io};

use challenges::Challenge;

use super::files::{blame, is_absent, replace};

const BEGINS: &str = "# The challenges that are done, and the hints that were read. `cargo challenge` writes this file.\n";

/// What the file says.
pub(super) struct Progress {
    path: PathBuf,
    /// Bytes, because the reader's own lines may be anything.
    lines: Vec<Vec<u8>>,
}

impl Progress {
    /// Reads the file in this folder. If there is none, nothing is done yet.
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let path = folder.join("progress.txt");
        let bytes = match fs::read(&path) {
            Err(error) if is_absent(&path, &error) => BEGINS.as_bytes().to_owned(),
            read => read.map_err(|error| blame(&path, &error))?,
        };
        let lines = bytes.strip_suffix(b"\n").unwrap_or(&bytes).split(|&byte| byte == b'\n');
        Ok(Progress { path, lines: lines.map(<[u8]>::to_vec).collect() })
    }

    /// Whether the challenge is done.
    pub(super) fn is_done(&self, challenge: &Challenge) -> bool {
        self.has(&challenge.name)
    }

    /// The strongest hint that was read, or 0.
    pub(super) fn hint(&self, challenge: &Challenge) -> u8 {
        (1..=2).filter(|number| self.has(&hint(challenge, *number))).max().unwrap_or(0)
    }

    /// The challenge is done from now on.
    pub(super) fn set_done(&mut self, challenge: &Challenge) -> io::Result<()> {
        self.add(challenge.name.clone())
    }

    /// This hint has been read.
    pub(super) fn set_hint(&mut self, challenge: &Challenge, number: u8) -> io::Result<()> {
        self.add(hint(challenge, number))
    }

    /// The challenge isn't done any more, and none of its hints has been read.
    pub(super) fn forget(&mut self, challenge: &Challenge) -> io::Result<()> {
        let before = self.lines.len();
        let its = [challenge.name.clone(), hint(challenge, 1), hint(challenge, 2)];
        self.lines.retain(|line| !its.iter().any(|text| line.trim_ascii() == text.as_bytes()));
        if self.lines.len() == before { Ok(()) } else { self.write() }
    }

    fn has(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.trim_ascii() == text.as_bytes())
    }

    fn add(&mut self, text: String) -> io::Result<()> {
        if self.has(&text) {
            return Ok(());
        }
        self.lines.push(text.into_bytes());
        self.write()
    }

    fn write(&self) -> io::Result<()> {
        replace(&self.path, &[&self.lines.join(&b'\n')[..], b"\n"].concat())
    }
}

fn hint(challenge: &Challenge, number: u8) -> String {
    format!("{} hint {number}", challenge.name)
}
