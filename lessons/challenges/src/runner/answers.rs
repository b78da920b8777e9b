//! The reader's folder: their answers, and how far they have got.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use challenges::Challenge;
use tempfile::NamedTempFile;

/// The folder, and what lies in it.
pub(crate) struct Answers {
    folder: PathBuf,
}

const PROGRESS: &str = "progress.txt";
const PROGRESS_BEGINS: &str =
    "# The challenges that are done. `cargo challenge` writes this file.\n";

impl Answers {
    /// The folder that `CHALLENGES` names. `.cargo/config.toml` sets it for everything that cargo
    /// starts.
    pub(crate) fn new(root: &Path) -> Self {
        let folder = env::var_os("CHALLENGES").unwrap_or_else(|| OsString::from("challenges"));
        Answers { folder: root.join(folder) }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the reader's answer is, or will be.
    pub(crate) fn answer(&self, challenge: &Challenge) -> PathBuf {
        self.folder.join(format!("{}.rs", challenge.name))
    }

    /// Puts the stub there unless there is an answer already, and says whether it did.
    pub(crate) fn begin(&self, challenge: &Challenge) -> io::Result<bool> {
        let answer = self.answer(challenge);
        // Even a link that leads nowhere is somebody's answer.
        match fs::symlink_metadata(&answer) {
            Ok(_) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.create(&answer, &challenge.read("challenge.rs")?).map(|()| true)
            }
            Err(error) => Err(blame(&answer, &error)),
        }
    }

    /// Puts the stub there. If there was something else, it's kept under another name, which is
    /// returned.
    pub(crate) fn start_over(&self, challenge: &Challenge) -> io::Result<Option<PathBuf>> {
        let answer = self.answer(challenge);
        let stub = challenge.read("challenge.rs")?;
        let kept = match fs::read(&answer) {
            Ok(bytes) if bytes == stub.as_bytes() => None,
            Err(error) if is_absent(&answer, &error) => None,
            // Whatever it is, and even if it can't be read, it's the reader's.
            _ => Some(self.keep(challenge)?),
        };
        self.begin(challenge)?;
        self.change_done(|done| {
            done.retain(|line| line.trim_ascii() != challenge.name.as_bytes())
        })?;
        Ok(kept)
    }

    /// Gives the answer the first name that is free: `03_imap.old.rs`, `03_imap.old2.rs` …
    fn keep(&self, challenge: &Challenge) -> io::Result<PathBuf> {
        let answer = self.answer(challenge);
        for number in 1_u32.. {
            let number = if number == 1 { String::new() } else { number.to_string() };
            let kept = self.folder.join(format!("{}.old{number}.rs", challenge.name));
            // It is created first, so that no existing file is ever overwritten.
            match File::create_new(&kept) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made.map_err(|error| blame(&kept, &error))?,
            };
            let moved = fs::rename(&answer, &kept);
            return moved.map(|()| kept.clone()).map_err(|error| {
                fs::remove_file(&kept).ok(); // empty, and ours
                blame(&answer, &error)
            });
        }
        unreachable!("there is always another number")
    }

    /// The challenges that are done, by name.
    pub(crate) fn done(&self) -> io::Result<BTreeSet<String>> {
        let text = String::from_utf8_lossy(&self.progress()?).into_owned();
        let lines = text.lines().map(str::trim);
        Ok(lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect())
    }

    pub(crate) fn set_done(&self, challenge: &Challenge) -> io::Result<()> {
        if self.done()?.contains(&challenge.name) {
            return Ok(());
        }
        self.change_done(|lines| lines.push(challenge.name.clone().into_bytes()))
    }

    /// The file as it is: whatever the reader has added to it stays.
    fn progress(&self) -> io::Result<Vec<u8>> {
        let path = self.folder.join(PROGRESS);
        match fs::read(&path) {
            Err(error) if is_absent(&path, &error) => Ok(PROGRESS_BEGINS.as_bytes().to_owned()),
            read => read.map_err(|error| blame(&path, &error)),
        }
    }

    fn change_done(&self, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> io::Result<()> {
        let before = self.progress()?;
        let lines = before.strip_suffix(b"\n").unwrap_or(&before).split(|&byte| byte == b'\n');
        let before: Vec<Vec<u8>> = lines.map(<[u8]>::to_vec).collect();
        let mut lines = before.clone();
        change(&mut lines);
        if lines == before {
            return Ok(());
        }
        lines.push(Vec::new()); // for the line break at the end
        let path = self.folder.join(PROGRESS);
        let written = self.temporary(&lines.join(&b'\n'));
        let placed = written.and_then(|file| Ok(file.persist(&path)?));
        placed.map(drop).map_err(|error| blame(&path, &error))
    }

    /// Creates a file with this text, all at once or not at all, and never in the place of another.
    fn create(&self, path: &Path, text: &str) -> io::Result<()> {
        let written = self.temporary(text.as_bytes());
        let placed = written.and_then(|file| Ok(file.persist_noclobber(path)?));
        placed.map(drop).map_err(|error| blame(path, &error))
    }

    /// A temporary file with these bytes, in the folder.
    fn temporary(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        fs::create_dir_all(&self.folder)?;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)] // temporary files are private; the umask still applies
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(&self.folder)?;
        file.write_all(bytes)?;
        Ok(file)
    }
}

/// Whether there is nothing at all, rather than something that can't be read or a link that leads
/// nowhere.
fn is_absent(path: &Path, error: &io::Error) -> bool {
    let not_found = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    not_found(error) && fs::symlink_metadata(path).is_err_and(|error| not_found(&error))
}

fn blame(path: &Path, error: &io::Error) -> io::Error {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ": change its permissions, or set CHALLENGES to another folder"
        }
        io::ErrorKind::StorageFull => ": free some space on the disk",
        _ => "",
    };
    io::Error::new(error.kind(), format!("{}: {error}{advice}", path.display()))
}
