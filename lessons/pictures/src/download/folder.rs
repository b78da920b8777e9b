//! The folder that downloads go to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ring::digest::{Context, SHA256, digest};
use tempfile::{NamedTempFile, PersistError, TempDir};

use super::address::without_password;
use super::fault::Failure;
use super::fetch::Fetched;
use super::gate::lock;
use super::manifest::{Manifest, Owner, Record};
use super::name;
use super::report::{Entry, Visit};

/// Names that begin so are this program's own; no name made from a link begins with a dot.
const TEMPORARY: &str = ".many-hands-";
const TEMPORARY_END: &str = ".part";
const MANIFEST: &str = ".many-hands.jsonl";
const LOCK: &str = ".many-hands.lock";

/// An output folder: the files, and a manifest of which link each came from.
///
/// Share it by reference among threads. Several processes may open the same folder: they never
/// write over each other's files either.
///
/// A file gets its final name only when it is whole and on the disk: it is written under a
/// temporary name, synced, and renamed. Nothing that was there before is overwritten but the file
/// that the same link left in an earlier run.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    manifest: Mutex<Manifest>,
    again: bool,
    /// The offline gallery's url in this run, if links lead there.
    gallery: Option<String>,
    originals: Option<Box<Folder>>,
    /// Held shared as long as the folder is in use, so that nobody takes its temporary files for
    /// leftovers.
    _in_use: File,
}

/// A file in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The folder's path as it was given, and the name.
    pub path: PathBuf,
    /// The size, in bytes.
    pub bytes: u64,
}

/// The output folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// A file lies where the folder should be.
    #[error("{} is a file, not a folder: move it away, or give another folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder is not there and cannot be made.
    #[error("cannot make the folder {}: {why}; give one that you may write to", path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The folder is there, but a file in it cannot be made.
    #[error("cannot write into the folder {}: {why}; change its permissions, free some space, or give another folder", path.display())]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// One folder was given for two purposes.
    #[error("{} cannot hold the results and the originals, too: give each a folder", .0.display())]
    Shared(PathBuf),
    /// The list of what earlier runs saved cannot be used.
    #[error("cannot use {}, the list of what was downloaded before: {why}; remove it to begin anew", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
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
        /// How large it would be, in bytes.
        bytes: u64,
        /// What the system said.
        why: io::Error,
    },
    /// Too many other files have this name and all that were tried instead.
    #[error("{} and its alternatives are taken by other files: move them away, or give another folder", .0.display())]
    Taken(PathBuf),
    /// Any other trouble.
    #[error("cannot write {}: {why}", path.display())]
    Write {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
}

/// Makes the folder, with all that lead to it, and opens its manifest.
///
/// Temporary files that a killed run left behind are removed, unless another process is using the
/// folder now.
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
/// If `path` is a file, or cannot be made or written to. It is tried by making a file: permission
/// bits alone do not tell.
pub fn setup_download_dir(path: impl AsRef<Path>) -> Result<Folder, FolderError> {
    let path = path.as_ref().to_owned();
    if path.exists() && !path.is_dir() {
        return Err(FolderError::NotAFolder(path));
    }
    fs::create_dir_all(&path).map_err(|why| FolderError::Create { path: path.clone(), why })?;
    let not_writable = |why| FolderError::NotWritable { path: path.clone(), why };
    temporary(&path).map_err(not_writable)?;
    let in_use = take_into_use(&path).map_err(not_writable)?;

    let manifest = path.join(MANIFEST);
    let manifest = refuse_symlink(&manifest)
        .and_then(|()| Manifest::open(&manifest))
        .map_err(|why| FolderError::Manifest { path: manifest.clone(), why })?;
    Ok(Folder {
        path,
        manifest: Mutex::new(manifest),
        again: false,
        gallery: None,
        originals: None,
        _in_use: in_use,
    })
}

impl Folder {
    /// The names of what it keeps for itself in a folder.
    pub(crate) const OWN: [&str; 2] = [MANIFEST, LOCK];

    /// A folder with all that can be said of one: another for the originals, whether to do again what is
    /// done, and the url of the offline gallery.
    pub(crate) fn open(
        path: &Path,
        originals: Option<&Path>,
        again: bool,
        gallery: Option<&str>,
    ) -> Result<Folder, FolderError> {
        let open = |path: &Path| {
            let gallery = gallery.map(str::to_owned);
            Ok(Folder { again, gallery, ..setup_download_dir(path)? })
        };
        match originals {
            Some(originals) => open(path)?.with_originals(open(originals)?),
            None => open(path),
        }
    }

    /// Whether to do again what the manifest says is done (no by default).
    ///
    /// The new files take the place of those that earlier runs saved for the same links.
    #[must_use]
    pub fn again(self, again: bool) -> Self {
        Folder { again, ..self }
    }

    /// Knows the links that begin with `url` for the offline gallery's.
    ///
    /// The gallery has another port in each run, and a second run could skip nothing: so the
    /// manifest calls it `gallery:` in place of its url.
    ///
    /// ```
    /// use pictures::download::setup_download_dir;
    ///
    /// let parent = tempfile::tempdir()?;
    /// let dir = setup_download_dir(parent.path())?.with_gallery("http://127.0.0.1:4001");
    /// let saved = dir.save("a.png", b"a", "http://127.0.0.1:4001/a.png")?;
    /// let dir = setup_download_dir(parent.path())?.with_gallery("http://127.0.0.1:4002");
    /// assert_eq!(dir.kept("http://127.0.0.1:4002/a.png"), Some(saved));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_gallery(self, url: impl Into<String>) -> Self {
        Folder { gallery: Some(url.into()), ..self }
    }

    /// Keeps in another folder the originals of what is made for this one.
    ///
    /// A link is then [`kept`](Folder::kept) only if both folders hold its file.
    ///
    /// ```
    /// use pictures::download::setup_download_dir;
    ///
    /// let (link, parent) = ("http://host/a.png", tempfile::tempdir()?);
    /// let dir = setup_download_dir(parent.path().join("thumbnails"))?;
    /// dir.save("small.png", b"made of a.png", link)?;
    /// assert!(dir.kept(link).is_some());
    ///
    /// let originals = setup_download_dir(parent.path().join("originals"))?;
    /// let dir = dir.with_originals(originals)?;
    /// assert!(dir.kept(link).is_none(), "there is no original yet");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the two are one folder: its manifest knows one file for each link.
    pub fn with_originals(self, originals: Folder) -> Result<Self, FolderError> {
        let same =
            |one: &Path, two: &Path| Some(one.canonicalize().ok()? == two.canonicalize().ok()?);
        if same(&self.path, &originals.path) == Some(true) {
            return Err(FolderError::Shared(originals.path));
        }
        Ok(Folder { originals: Some(Box::new(originals)), ..self })
    }

    /// Saves what was fetched as it came, if this folder has another one [for the
    /// originals](Folder::with_originals).
    ///
    /// # Errors
    /// As [`save`](Folder::save).
    pub fn save_original(&self, original: &Fetched, link: &str) -> Result<(), Failure> {
        let Some(folder) = &self.originals else { return Ok(()) };
        folder.store(original, link).map(drop)
    }

    /// What the manifest calls a link. It knows no passwords: with another one, the picture is the same.
    fn key(&self, link: &str) -> String {
        let path = self.gallery.as_ref().and_then(|url| link.strip_prefix(url.as_str()));
        match path {
            Some(path) if path.starts_with('/') => format!("gallery:{path}"),
            _ => without_password(link),
        }
    }

    /// The folder's path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder for the originals, if there is one.
    pub(super) fn originals(&self) -> Option<&Folder> {
        self.originals.as_deref()
    }

    /// Whether to do again what is done.
    pub(super) fn is_again(&self) -> bool {
        self.again
    }

    /// The url of the offline gallery, if links lead there.
    pub(super) fn gallery(&self) -> Option<&str> {
        self.gallery.as_deref()
    }

    /// The file that `link` left here earlier, if it is still as it was saved: same size, same
    /// content. With a folder for the originals, that of `link` must be there as well.
    pub fn kept(&self, link: &str) -> Option<Saved> {
        if self.again {
            return None;
        }
        if let Some(originals) = &self.originals {
            originals.kept(link)?;
        }
        let record = lock(&self.manifest).of_link(&self.key(link))?;
        let path = self.path.join(&record.file);
        holds(&path, record.bytes, &record.sha256).then_some(Saved { path, bytes: record.bytes })
    }

    /// Saves `bytes`, which came from `link`, under `name` or, if that is another link's, under
    /// `name` with a short hash of the link before its extension. Records it in the manifest.
    ///
    /// `name` is made [safe](name::safe) first: nothing is written outside the folder.
    ///
    /// ```
    /// use pictures::download::setup_download_dir;
    ///
    /// let parent = tempfile::tempdir()?;
    /// let dir = setup_download_dir(parent.path())?;
    /// let one = dir.save("a.png", b"one", "http://host/1/a.png")?;
    /// let two = dir.save("../a.png", b"two", "http://host/2/a.png")?;
    /// assert_eq!(one.path, parent.path().join("a.png"));
    /// assert_eq!(two.path, parent.path().join("a-79bd1a02.png"));
    /// assert_eq!(dir.kept("http://host/1/a.png"), Some(one));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the disk is full or the file cannot be written. There is no file then, also no partial
    /// one.
    pub fn save(&self, name: &str, bytes: &[u8], link: &str) -> Result<Saved, SaveError> {
        let name = name::safe(name);
        let path = self.path.join(&name);
        let in_trouble = |why: io::Error| trouble(&path, bytes.len(), why);
        let mut temp = temporary(&self.path).map_err(in_trouble)?;
        temp.write_all(bytes).map_err(in_trouble)?;
        temp.as_file().sync_all().map_err(in_trouble)?;

        let record = Record {
            link: self.key(link),
            file: name,
            bytes: bytes.len() as u64,
            sha256: hexadecimal(digest(&SHA256, bytes).as_ref()),
        };
        lock(&self.manifest)
            .alone(|manifest| self.place(manifest, temp, record))
            .map_err(in_trouble)?
    }

    /// Gives the file the first name that is free, is this link's, or already holds just this.
    fn place(
        &self,
        manifest: &mut Manifest,
        mut temp: NamedTempFile,
        mut record: Record,
    ) -> Result<Saved, SaveError> {
        let digits = hexadecimal(digest(&SHA256, record.link.as_bytes()).as_ref());
        let first = record.file.clone();
        let others = [8, 16, 24].map(|length| name::with_hash(&first, &digits[..length]));
        for file in std::iter::once(first.clone()).chain(others) {
            let path = self.path.join(&file);
            let owner = manifest.owner(&file, &record.link);
            let ours = owner == Owner::ThisLink;
            // A run that was killed before it could record the file left it without an owner.
            let adopted = owner == Owner::Nobody && holds(&path, record.bytes, &record.sha256);
            let placed = match (adopted, ours) {
                (true, _) => Ok(()),
                (_, true) => temp.persist(&path).map(drop),
                (_, false) => temp.persist_noclobber(&path).map(drop),
            };
            match placed {
                Ok(()) => {
                    record.file = file;
                    let bytes = record.bytes;
                    if let Err(why) = manifest.append(record) {
                        // A file that is not recorded would be downloaded a second time, under a
                        // second name.
                        if !adopted {
                            fs::remove_file(&path).ok();
                        }
                        return Err(trouble(&path, bytes as usize, why));
                    }
                    return Ok(Saved { path, bytes });
                }
                Err(PersistError { error, file: back })
                    if matches!(
                        error.kind(),
                        io::ErrorKind::AlreadyExists | io::ErrorKind::IsADirectory
                    ) =>
                {
                    temp = back;
                }
                Err(PersistError { error, .. }) => {
                    return Err(trouble(&path, record.bytes as usize, error));
                }
            }
        }
        Err(SaveError::Taken(self.path.join(first)))
    }

    /// A folder inside this one for what nobody will keep. It goes away when dropped, or with the
    /// next run if this one is killed.
    pub(crate) fn scratch(&self) -> io::Result<TempDir> {
        tempfile::Builder::new().prefix(TEMPORARY).suffix(TEMPORARY_END).tempdir_in(&self.path)
    }

    /// The whole life of one link: skips it if its file is kept, else runs `make` and saves what it
    /// gives. Whatever happens ends in the entry.
    ///
    /// `make` fetches the picture, and may make another one of it.
    ///
    /// ```
    /// use pictures::download::{Outcome, setup_download_dir};
    /// # use pictures::download::{Failure, Fetched};
    ///
    /// let parent = tempfile::tempdir()?;
    /// let dir = setup_download_dir(parent.path())?;
    /// let entry = dir.unless_kept("http://host/a.png", || {
    ///     Err(Failure::new("the picture is upside down"))
    /// });
    /// assert_eq!(entry.outcome, Outcome::Failed);
    /// assert_eq!(entry.reason.as_deref(), Some("the picture is upside down"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unless_kept<E: Into<Failure>>(
        &self,
        link: &str,
        make: impl FnOnce() -> Result<Fetched, E>,
    ) -> Entry {
        let visit = Visit::begin(link);
        if let Some(kept) = self.kept(link) {
            return visit.skipped(kept);
        }
        let done = make().map_err(Into::into).and_then(|made| Ok((self.store(&made, link)?, made)));
        match done {
            Ok((saved, made)) => visit.saved(saved, made.attempts),
            Err(failure) => visit.failed(failure),
        }
    }

    /// [Saves](Folder::save) what was fetched, or made of it, under its name.
    ///
    /// # Errors
    /// As [`save`](Folder::save).
    pub fn store(&self, made: &Fetched, link: &str) -> Result<Saved, Failure> {
        self.save(&made.name, &made.bytes, link).map_err(|why| made.failed(why))
    }
}

/// A new temporary file in `folder`; it goes away when dropped.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY).suffix(TEMPORARY_END);
    #[cfg(unix)]
    {
        // Temporary files are private by default, and the final file would be, too. The umask
        // still applies.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Takes the folder into use, and clears it of leftovers if nobody else is using it.
fn take_into_use(folder: &Path) -> io::Result<File> {
    let path = folder.join(LOCK);
    refuse_symlink(&path)?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
    if file.try_lock().is_ok() {
        for entry in fs::read_dir(folder)?.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(TEMPORARY) && name.ends_with(TEMPORARY_END) {
                let path = entry.path();
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder {
                    fs::remove_dir_all(path).ok()
                } else {
                    fs::remove_file(path).ok()
                };
            }
        }
        file.unlock()?;
    }
    // Where the file system knows no locks, leftovers stay: better than to remove a live file.
    file.lock_shared().ok();
    Ok(file)
}

/// This program's own files are never links to somewhere else.
fn refuse_symlink(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(io::Error::other("it is a symbolic link")),
        _ => Ok(()),
    }
}

fn trouble(path: &Path, bytes: usize, why: io::Error) -> SaveError {
    let path = path.to_owned();
    match why.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            SaveError::Full { path, bytes: bytes as u64, why }
        }
        _ => SaveError::Write { path, why },
    }
}

/// Whether a plain file (no symbolic link) lies at `path` with just this size and content.
fn holds(path: &Path, bytes: u64, sha256: &str) -> bool {
    let same_content = || -> io::Result<bool> {
        let mut file = File::open(path)?;
        let mut hash = Context::new(&SHA256);
        let mut part = vec![0; 64 * 1024];
        loop {
            match file.read(&mut part)? {
                0 => return Ok(hexadecimal(hash.finish().as_ref()) == sha256),
                length => hash.update(&part[..length]),
            }
        }
    };
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == bytes)
        && same_content().unwrap_or(false)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::thread;

    fn visible(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != MANIFEST && name != LOCK)
            .collect();
        names.sort();
        names
    }

    #[test]
    fn many_threads_and_folders_save_one_name_and_nothing_is_lost() {
        let parent = tempfile::tempdir().unwrap();
        // Two `Folder`s stand for two processes: they share nothing but the disk.
        let folders = [(); 2].map(|()| setup_download_dir(parent.path()).unwrap());
        let paths = Mutex::new(HashSet::new());
        thread::scope(|s| {
            for worker in 0..8 {
                let (dir, paths) = (&folders[worker % 2], &paths);
                s.spawn(move || {
                    for n in 0..20 {
                        let link = format!("http://host/{worker}/{n}/a.png");
                        let saved = dir.save("a.png", link.as_bytes(), &link).unwrap();
                        assert_eq!(fs::read(&saved.path).unwrap(), link.as_bytes());
                        assert!(lock(paths).insert(saved.path), "a name was given twice");
                    }
                });
            }
        });
        drop(folders);
        assert_eq!(visible(parent.path()).len(), 160);
        let dir = setup_download_dir(parent.path()).unwrap();
        for worker in 0..8 {
            for n in 0..20 {
                let link = format!("http://host/{worker}/{n}/a.png");
                let kept = dir.kept(&link).expect("recorded");
                assert_eq!(fs::read(kept.path).unwrap(), link.as_bytes());
            }
        }
    }

    #[test]
    fn a_changed_or_missing_file_is_not_kept_and_is_replaced_in_place() {
        let parent = tempfile::tempdir().unwrap();
        let dir = setup_download_dir(parent.path()).unwrap();
        let saved = dir.save("a.png", b"good", "link").unwrap();
        assert_eq!(dir.kept("link"), Some(saved.clone()));

        fs::write(&saved.path, b"bad!").unwrap();
        assert_eq!(dir.kept("link"), None);
        assert_eq!(dir.save("a.png", b"good", "link").unwrap(), saved);
        fs::remove_file(&saved.path).unwrap();
        assert_eq!(dir.kept("link"), None);
        assert_eq!(dir.save("a.png", b"new", "link").unwrap().path, saved.path);
        assert_eq!(visible(parent.path()), ["a.png"]);
        assert_eq!(dir.again(true).kept("link"), None);
    }

    #[test]
    fn a_strangers_file_is_never_overwritten() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("a.png"), "precious").unwrap();
        fs::create_dir(parent.path().join("b.png")).unwrap();
        let dir = setup_download_dir(parent.path()).unwrap();
        for name in ["a.png", "b.png"] {
            let saved = dir.save(name, b"new", "link").unwrap();
            assert_ne!(saved.path, parent.path().join(name));
        }
        let kept = fs::read(parent.path().join("a.png")).unwrap();
        assert_eq!(kept, b"precious");
    }

    #[test]
    fn a_missing_files_name_that_went_to_another_link_stays_with_that() {
        let parent = tempfile::tempdir().unwrap();
        let one = setup_download_dir(parent.path()).unwrap();
        let two = setup_download_dir(parent.path()).unwrap();
        let first = one.save("a.png", b"first", "link 1").unwrap();
        fs::remove_file(&first.path).unwrap();
        assert_eq!(two.save("a.png", b"second", "link 2").unwrap().path, first.path);
        let again = one.save("a.png", b"first", "link 1").unwrap();
        assert_ne!(again.path, first.path);
        assert_eq!(fs::read(first.path).unwrap(), b"second");
    }

    #[test]
    fn a_file_that_a_killed_run_did_not_record_is_adopted() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("a.png"), "whole").unwrap();
        let dir = setup_download_dir(parent.path()).unwrap();
        dir.save("a.png", b"whole", "link").unwrap();
        assert_eq!(visible(parent.path()), ["a.png"]);
        assert!(dir.kept("link").is_some());
    }

    #[test]
    fn leftovers_go_at_the_next_start_unless_somebody_is_at_work() {
        let parent = tempfile::tempdir().unwrap();
        let leftover = parent.path().join(".many-hands-killed.part");
        fs::write(&leftover, "half").unwrap();
        fs::write(parent.path().join(".mine.part"), "not ours").unwrap();

        let working = setup_download_dir(parent.path()).unwrap();
        assert_eq!(visible(parent.path()), [".mine.part"]);
        fs::write(&leftover, "half").unwrap();
        let second = setup_download_dir(parent.path()).unwrap();
        assert!(leftover.exists(), "it may belong to who is at work");
        drop((working, second));
        setup_download_dir(parent.path()).unwrap();
        assert_eq!(visible(parent.path()), [".mine.part"]);
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("images");
        fs::write(&file, "").unwrap();
        for path in [file.clone(), file.join("deeper")] {
            let error = setup_download_dir(&path).unwrap_err().to_string();
            assert!(error.contains(&file.display().to_string()), "{error}");
            assert!(error.contains("give"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_lead_nowhere() {
        use std::os::unix::fs::symlink;
        let parent = tempfile::tempdir().unwrap();
        let (inside, outside) = (parent.path().join("in"), parent.path().join("out"));
        fs::create_dir(&inside).unwrap();
        fs::create_dir(&outside).unwrap();
        symlink(outside.join("a.png"), inside.join("a.png")).unwrap();
        let dir = setup_download_dir(&inside).unwrap();
        dir.save("a.png", b"new", "link").unwrap();
        drop(dir);
        assert_eq!(visible(&outside), [""; 0]);

        fs::remove_file(inside.join(MANIFEST)).unwrap();
        symlink(outside.join("manifest"), inside.join(MANIFEST)).unwrap();
        let error = setup_download_dir(&inside).unwrap_err();
        assert!(matches!(error, FolderError::Manifest { .. }), "{error}");
        assert_eq!(visible(&outside), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn a_saved_file_has_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let dir = setup_download_dir(parent.path()).unwrap();
        let saved = dir.save("a.png", b"new", "link").unwrap();
        fs::write(parent.path().join("plain"), "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&saved.path), mode(&parent.path().join("plain")));
    }
}
