//! Why a folder cannot be used, or a file cannot be saved.

use std::io;
use std::path::{Path, PathBuf};

/// The output folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// There is a file with the folder's name.
    #[error("{} is a file, not a folder: move it away, or give another folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder does not exist and cannot be made.
    #[error("cannot make the folder {}: {}; give one that you may write to", .0.display(), .1)]
    Create(PathBuf, io::Error),
    /// The folder exists, but no file can be made in it.
    #[error("cannot write into the folder {}: {}; change its permissions, free some space, or give another folder", .0.display(), .1)]
    NotWritable(PathBuf, io::Error),
    /// The same folder was given for two purposes.
    #[error("{} cannot hold both the results and the originals: give each a folder", .0.display())]
    Shared(PathBuf),
    /// The list of what earlier runs saved cannot be used.
    #[error("cannot use {}, the list of what was downloaded before: {}; remove it to start over", .0.display(), .1)]
    Manifest(PathBuf, io::Error),
}

/// A file cannot be saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The disk is full, or the quota used up.
    #[error("no room for {} ({bytes} bytes): {why}; free some space or give another folder", path.display())]
    Full {
        /// The file that was to be written.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
        /// What the system said.
        why: io::Error,
    },
    /// Other files have this name and every alternative that was tried.
    #[error("{} and its alternatives are taken by other files: move them away, or give another folder", .0.display())]
    Taken(PathBuf),
    /// The file could not be written for some other reason.
    #[error("cannot write {}: {}", .0.display(), .1)]
    Write(PathBuf, io::Error),
}

impl SaveError {
    /// What went wrong with a file of this many bytes.
    pub(super) fn from_io(path: &Path, bytes: u64, why: io::Error) -> SaveError {
        let path = path.to_owned();
        match why.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                SaveError::Full { path, bytes, why }
            }
            _ => SaveError::Write(path, why),
        }
    }
}
