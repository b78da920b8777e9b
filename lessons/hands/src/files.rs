//! What may be written over: an earlier output of the same kind, and nothing else of the user's.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// What an output looks like, so that an earlier one is known and may be replaced.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What it is called: `report`.
    pub name: &'static str,
    /// Whether a file that begins so, with these at most 4096 bytes, is one.
    pub begins: fn(&[u8]) -> bool,
}

impl Kind {
    /// Whether a file here may be replaced by one of this kind: there is none, or an empty one, or an earlier one of
    /// this kind, or what is no file but a stream (a pipe, `/dev/null`).
    ///
    /// # Errors
    /// If it may not. The error says why; the caller knows which file it is.
    pub fn may_replace(&self, path: &Path) -> io::Result<()> {
        let found = match fs::metadata(path) {
            Err(why) if is_absent(&why) => return Ok(()),
            found => found?,
        };
        if found.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if !found.is_file() || found.len() == 0 {
            return Ok(());
        }
        let mut head = Vec::new();
        File::open(path)?.take(4096).read_to_end(&mut head)?;
        match (self.begins)(&head) {
            true => Ok(()),
            false => {
                let what = format!("it is there, and is no {}: it is left alone", self.name);
                Err(io::Error::new(io::ErrorKind::AlreadyExists, what))
            }
        }
    }
}

/// That it is not there, rather than that it could not be looked at.
fn is_absent(why: &io::Error) -> bool {
    matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
