//! The reader's folder, and their answers.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io};

use challenges::{CHALLENGES, Challenge};

use super::files::{self, blame, is_absent};

/// The folder, and the answers in it.
pub(crate) struct Answers {
    folder: PathBuf,
    at_home: bool,
}

impl Answers {
    /// The folder that [`CHALLENGES`] names: `challenges/`, unless the reader has set it to another
    /// one.
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        let home = root.join("challenges");
        let folder = match env::var_os(CHALLENGES).filter(|folder| !folder.is_empty()) {
            Some(folder) => std::path::absolute(folder)?,
            None => home.clone(),
        };
        let real = |folder: &Path| fs::canonicalize(folder).ok();
        let at_home =
            folder == home || real(&folder).is_some_and(|folder| Some(folder) == real(&home));
        Ok(Answers { folder, at_home })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the answers lie in the package that compiles them.
    pub(crate) fn are_at_home(&self) -> bool {
        self.at_home
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
                files::create(&answer, challenge.read("challenge.rs")?.as_bytes()).map(|()| true)
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

    /// When the reader last saved their answer, if there is one.
    pub(crate) fn saved_at(&self, challenge: &Challenge) -> Option<SystemTime> {
        fs::metadata(self.answer(challenge)).ok()?.modified().ok()
    }
}
