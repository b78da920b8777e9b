//! The folder that pictures are saved to.

mod digest;
mod error;
mod manifest;
mod options;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::{NamedTempFile, PersistError, TempDir};

use super::address::without_password;
use super::entry::{Entry, Saved, Visit};
use super::fault::LinkFailure;
use super::fetch::Fetched;
use super::lock::lock;
use super::name;
use crate::own_files::{self, LOCK};
use digest::{holds, sha256};
use manifest::{Manifest, Owner, Record};

pub use error::{FolderError, SaveError};
pub use options::FolderOptions;

/// The list of what was saved.
const MANIFEST: &str = ".many-hands.jsonl";

/// An output folder: the files, and a manifest that records which link each came from.
///
/// Threads can share it by reference. Several processes may open the same folder, and never
/// overwrite each other's files either.
///
/// A file gets its final name only once it is whole and on the disk: it is written under a
/// temporary name, synced, and renamed. Nothing that was there before is overwritten, except the
/// file that an earlier run saved for the same link.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    pub(super) options: FolderOptions,
    manifest: Mutex<Manifest>,
    originals: Option<Box<Folder>>,
    /// A shared lock, so that no other process takes this one's temporary files for leftovers.
    _in_use: File,
}

/// Makes the folder, with its parents, and opens its manifest.
///
/// Temporary files that a killed run left behind are removed, unless another process is using the
/// folder.
///
/// ```
/// use pictures::download::setup_download_dir;
///
/// let parent = tempfile::tempdir()?;
/// let dir = setup_download_dir(parent.path().join("deep/images"))?;
/// assert!(dir.path().is_dir());
///
/// let file = parent.path().join("file");
/// std::fs::write(&file, "")?;
/// assert!(setup_download_dir(&file).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If `path` is a file, or cannot be made or written to. It makes a file to find out, because
/// permission bits alone do not tell.
pub fn setup_download_dir(path: impl AsRef<Path>) -> Result<Folder, FolderError> {
    Folder::open(path, FolderOptions::default())
}

impl Folder {
    /// The names of the files that it keeps for itself in a folder.
    pub(crate) const OWN: [&str; 2] = [MANIFEST, LOCK];

    /// As [`setup_download_dir`], with options.
    ///
    /// # Errors
    /// As `setup_download_dir`, also for the folder of the originals; and if both are the same
    /// folder, because a manifest can record only one file for each link.
    pub fn open(path: impl AsRef<Path>, options: FolderOptions) -> Result<Folder, FolderError> {
        let path = path.as_ref().to_owned();
        if path.exists() && !path.is_dir() {
            return Err(FolderError::NotAFolder(path));
        }
        fs::create_dir_all(&path).map_err(|why| FolderError::Create(path.clone(), why))?;
        let not_writable = |why| FolderError::NotWritable(path.clone(), why);
        own_files::temporary(&path).map_err(not_writable)?;
        let _in_use = own_files::take_into_use(&path).map_err(not_writable)?;

        let manifest = path.join(MANIFEST);
        let manifest = own_files::refuse_symlink(&manifest)
            .and_then(|()| Manifest::open(&manifest))
            .map_err(|why| FolderError::Manifest(manifest.clone(), why))?;
        let mut originals = None;
        if let Some(other) = &options.originals {
            let other = Folder::open(other, FolderOptions { originals: None, ..options.clone() })?;
            let real = [&path, &other.path].map(|path| path.canonicalize());
            if matches!(&real, [Ok(ours), Ok(theirs)] if ours == theirs) {
                return Err(FolderError::Shared(other.path));
            }
            originals = Some(Box::new(other));
        }
        Ok(Folder { path, options, manifest: Mutex::new(manifest), originals, _in_use })
    }

    /// The folder's path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file that an earlier run saved for `link`, if its size and content have not changed. If
    /// there is a folder for the originals, the link's original must be in it as well.
    pub fn kept(&self, link: &str) -> Option<Saved> {
        if self.options.again {
            return None;
        }
        if let Some(originals) = &self.originals {
            originals.kept(link)?;
        }
        let record = lock(&self.manifest).find(&self.key(link))?;
        let path = self.path.join(&record.file);
        holds(&path, record.bytes, &record.sha256).then_some(Saved { path, bytes: record.bytes })
    }

    /// Takes care of one link from beginning to end: skips it if its file is [kept](Folder::kept),
    /// or else calls `make`, and saves what it returns. The entry says what happened.
    ///
    /// `make` fetches the picture, and may turn it into another one.
    ///
    /// ```
    /// use pictures::download::{LinkFailure, LinkOutcome, setup_download_dir};
    ///
    /// let parent = tempfile::tempdir()?;
    /// let dir = setup_download_dir(parent.path())?;
    /// let entry = dir.save_unless_kept("http://host/a.png", || {
    ///     Err(LinkFailure::new("the picture is upside down"))
    /// });
    /// assert_eq!(entry.outcome, LinkOutcome::Failed);
    /// assert_eq!(entry.reason.as_deref(), Some("the picture is upside down"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_unless_kept(
        &self,
        link: &str,
        make: impl FnOnce() -> Result<Fetched, LinkFailure>,
    ) -> Entry {
        let visit = Visit::begin(link);
        if let Some(kept) = self.kept(link) {
            return visit.skipped(kept);
        }
        match make().and_then(|made| Ok((self.save(&made, link)?, made.attempts))) {
            Ok((saved, attempts)) => visit.saved(saved, attempts),
            Err(failure) => visit.failed(failure),
        }
    }

    /// Saves a picture that was fetched, or made from one, under its name.
    ///
    /// # Errors
    /// As [`save_bytes`](Folder::save_bytes).
    pub fn save(&self, picture: &Fetched, link: &str) -> Result<Saved, LinkFailure> {
        let saved = self.save_bytes(&picture.name, &picture.bytes, link);
        saved.map_err(|why| LinkFailure { reason: why.to_string(), attempts: picture.attempts })
    }

    /// Saves a picture as it was fetched, if there is a folder [for the
    /// originals](FolderOptions::originals).
    ///
    /// # Errors
    /// As [`save_bytes`](Folder::save_bytes).
    pub fn save_original(&self, original: &Fetched, link: &str) -> Result<(), LinkFailure> {
        match &self.originals {
            Some(folder) => folder.save(original, link).map(drop),
            None => Ok(()),
        }
    }

    /// Saves `bytes`, which came from `link`, under `name`. If another link has that name, a short
    /// hash of the link is added before the extension. Records the file in the manifest.
    ///
    /// `name` is made [safe](name::safe) first: nothing is written outside of the folder.
    ///
    /// ```
    /// use pictures::download::setup_download_dir;
    ///
    /// let parent = tempfile::tempdir()?;
    /// let dir = setup_download_dir(parent.path())?;
    /// let one = dir.save_bytes("a.png", b"one", "http://host/1/a.png")?;
    /// let two = dir.save_bytes("../a.png", b"two", "http://host/2/a.png")?;
    /// assert_eq!(one.path, parent.path().join("a.png"));
    /// assert_eq!(two.path, parent.path().join("a-79bd1a02.png"));
    /// assert_eq!(dir.kept("http://host/1/a.png"), Some(one));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the disk is full or the file cannot be written. Then there is no file, not even a partial
    /// one.
    pub fn save_bytes(&self, name: &str, bytes: &[u8], link: &str) -> Result<Saved, SaveError> {
        let name = name::safe(name);
        let path = self.path.join(&name);
        let size = bytes.len() as u64;
        let in_trouble = |why: io::Error| SaveError::from_io(&path, size, why);
        let mut temp = own_files::temporary(&self.path).map_err(in_trouble)?;
        temp.write_all(bytes).map_err(in_trouble)?;
        temp.as_file().sync_all().map_err(in_trouble)?;

        let record =
            Record { link: self.key(link), file: name, bytes: size, sha256: sha256(bytes) };
        lock(&self.manifest)
            .alone(|manifest| self.place(manifest, temp, record))
            .map_err(in_trouble)?
    }

    /// Gives the file the first name that is free, or is this link's, or already has this content.
    fn place(
        &self,
        manifest: &mut Manifest,
        mut temp: NamedTempFile,
        mut record: Record,
    ) -> Result<Saved, SaveError> {
        let digits = sha256(record.link.as_bytes());
        let first = record.file.clone();
        let others = [8, 16, 24].map(|length| name::with_hash(&first, &digits[..length]));
        for file in std::iter::once(first.clone()).chain(others) {
            let path = self.path.join(&file);
            let owner = manifest.owner(&file, &record.link);
            // A run that was killed before it could record the file left it without an owner.
            let adopted = owner == Owner::Nobody && holds(&path, record.bytes, &record.sha256);
            let placed = if adopted {
                Ok(())
            } else if owner == Owner::ThisLink {
                temp.persist(&path).map(drop)
            } else {
                temp.persist_noclobber(&path).map(drop)
            };
            let bytes = record.bytes;
            match placed {
                Ok(()) => {
                    record.file = file;
                    if let Err(why) = manifest.append(record) {
                        // The next run would download the link again, under a second name.
                        if !adopted {
                            fs::remove_file(&path).ok();
                        }
                        return Err(SaveError::from_io(&path, bytes, why));
                    }
                    return Ok(Saved { path, bytes });
                }
                Err(PersistError { error, file: back }) if is_taken(&error) => temp = back,
                Err(PersistError { error, .. }) => {
                    return Err(SaveError::from_io(&path, bytes, error));
                }
            }
        }
        Err(SaveError::Taken(self.path.join(first)))
    }

    /// A folder inside this one for files that won't be kept. It is removed when dropped, or by the
    /// next run if this one is killed.
    pub(crate) fn scratch(&self) -> Result<TempDir, FolderError> {
        own_files::temporary_folder(&self.path)
            .map_err(|why| FolderError::NotWritable(self.path.clone(), why))
    }

    /// What the manifest calls a link. Passwords are left out: with another password, the picture
    /// is the same.
    fn key(&self, link: &str) -> String {
        let path = self.options.gallery.as_ref().and_then(|url| link.strip_prefix(url.as_str()));
        match path {
            Some(path) if path.starts_with('/') => format!("gallery:{path}"),
            _ => without_password(link),
        }
    }
}

/// Whether something else has the name.
fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::IsADirectory)
}
