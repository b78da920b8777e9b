//! Whether an output may replace a file: only if that is an earlier output of the same kind.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// A kind of output, and how to recognise an earlier one, which may be replaced.
#[derive(Debug, Clone, Copy)]
pub struct FileKind {
    /// The name of the kind, for errors: `report`.
    pub name: &'static str,
    /// Whether a file is of this kind, judged by its first bytes (up to 4096).
    pub begins: fn(&[u8]) -> bool,
}

impl FileKind {
    /// Checks that writing an output of this kind to `path` destroys nothing: there's no file, or
    /// an empty one, or an earlier output of this kind, or something that isn't a file but a stream
    /// (a pipe, `/dev/null`).
    ///
    /// ```
    /// use hands::files::FileKind;
    ///
    /// let report = FileKind { name: "report", begins: |head| head.starts_with(b"report:") };
    /// assert!(report.may_replace("no/such/file".as_ref()).is_ok());
    /// let error = report.may_replace("Cargo.toml".as_ref()).unwrap_err();
    /// assert_eq!(error.to_string(), "it already exists and is not a report, so it is left alone");
    /// ```
    ///
    /// # Errors
    ///
    /// If it would destroy something, or `path` can't be looked at. The error says why, but not
    /// which file it is: the caller knows that.
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
        if (self.begins)(&head) {
            return Ok(());
        }
        let what = format!("it already exists and is not a {}, so it is left alone", self.name);
        Err(io::Error::new(io::ErrorKind::AlreadyExists, what))
    }
}

/// Whether the error means that nothing is there, rather than that it couldn't be looked at.
fn is_absent(why: &io::Error) -> bool {
    matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
