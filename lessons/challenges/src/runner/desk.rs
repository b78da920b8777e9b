//! The reader's folder: their answers, and how far they are.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use super::catalogue::Challenge;

/// The folder, and what lies in it.
pub(crate) struct Desk {
    folder: PathBuf,
}

const PROGRESS: &str = "progress.txt";
const PROGRESS_BEGINS: &str =
    "# The challenges that are done. `cargo challenge` writes this file.\n";

impl Desk {
    /// The folder that `CHALLENGES` names, as `.cargo/config.toml` does for whoever is started by cargo.
    pub(crate) fn new(root: &Path) -> Self {
        let folder = env::var_os("CHALLENGES").unwrap_or_else(|| OsString::from("challenges"));
        Desk { folder: root.join(folder) }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the reader's answer is, or will be.
    pub(crate) fn answer(&self, challenge: &Challenge) -> PathBuf {
        self.folder.join(format!("{}.rs", challenge.name))
    }

    /// Puts the stub there, unless there is an answer, and says whether it did.
    pub(crate) fn begin(&self, challenge: &Challenge) -> io::Result<bool> {
        let answer = self.answer(challenge);
        if answer.exists() {
            return Ok(false);
        }
        self.write(&answer, &challenge.read("challenge.rs")?)?;
        Ok(true)
    }

    /// Puts the stub there. What was there is kept under another name, which is returned.
    pub(crate) fn begin_anew(&self, challenge: &Challenge) -> io::Result<Option<PathBuf>> {
        let answer = self.answer(challenge);
        let stub = challenge.read("challenge.rs")?;
        let kept = match fs::read_to_string(&answer) {
            Ok(text) if text != stub => {
                let kept = self.folder.join(format!("{}.old.rs", challenge.name));
                fs::rename(&answer, &kept).map_err(|error| blame(&kept, &error))?;
                Some(kept)
            }
            _ => None,
        };
        self.write(&answer, &stub)?;
        self.change_done(|done| {
            done.remove(&challenge.name);
        })?;
        Ok(kept)
    }

    /// The challenges that are done, by name.
    pub(crate) fn done(&self) -> io::Result<BTreeSet<String>> {
        let path = self.folder.join(PROGRESS);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            Err(error) => return Err(blame(&path, &error)),
        };
        let lines = text.lines().map(str::trim);
        Ok(lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect())
    }

    pub(crate) fn set_done(&self, challenge: &Challenge) -> io::Result<()> {
        self.change_done(|done| {
            done.insert(challenge.name.clone());
        })
    }

    fn change_done(&self, change: impl FnOnce(&mut BTreeSet<String>)) -> io::Result<()> {
        let before = self.done()?;
        let mut done = before.clone();
        change(&mut done);
        if done == before {
            return Ok(());
        }
        let lines = done.iter().map(|name| format!("{name}\n"));
        let text: String = [PROGRESS_BEGINS.to_owned()].into_iter().chain(lines).collect();
        self.write(&self.folder.join(PROGRESS), &text)
    }

    /// Writes under another name first: a file is there as a whole or not at all.
    fn write(&self, path: &Path, text: &str) -> io::Result<()> {
        let unfinished = path.with_extension("new");
        fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(&unfinished, text))
            .and_then(|()| fs::rename(&unfinished, path))
            .map_err(|error| blame(path, &error))
    }
}

fn blame(path: &Path, error: &io::Error) -> io::Error {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ": make it yours to write, or set CHALLENGES to another folder"
        }
        io::ErrorKind::StorageFull => ": make room on the disk",
        _ => "",
    };
    io::Error::new(error.kind(), format!("{}: {error}{advice}", path.display()))
}
