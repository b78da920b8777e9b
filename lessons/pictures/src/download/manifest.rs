//! What earlier runs saved: one line of JSON per file, appended.
//!
//! The manifest lies in the output folder. Several threads and several processes append to it; each
//! line goes out in one write to a file opened for appending, so lines never mix. A run that is
//! killed in the middle of a line leaves a torn one, which is passed over.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::name;

/// One file that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) link: String,
    /// Its name in the folder.
    pub(super) file: String,
    pub(super) bytes: u64,
    /// Of its content, in hexadecimal.
    pub(super) sha256: String,
}

/// The manifest on disk and what was read of it.
#[derive(Debug)]
pub(super) struct Manifest {
    file: File,
    /// Up to where `file` was read, in bytes.
    read: u64,
    by_link: HashMap<String, Record>,
    /// Which link each file belongs to.
    owners: HashMap<String, String>,
}

impl Manifest {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut manifest =
            Manifest { file, read: 0, by_link: HashMap::new(), owners: HashMap::new() };
        manifest.refresh()?;
        Ok(manifest)
    }

    /// Runs `change` while no other process changes the folder, with what others have recorded.
    pub(super) fn alone<T>(&mut self, change: impl FnOnce(&mut Self) -> T) -> io::Result<T> {
        // Where the file system knows no locks, threads of one process still take turns.
        let locked = self.file.lock().is_ok();
        let done = self.refresh().map(|()| change(self));
        if locked {
            self.file.unlock().ok();
        }
        done
    }

    pub(super) fn of_link(&self, link: &str) -> Option<&Record> {
        self.by_link.get(link)
    }

    pub(super) fn owner(&self, file: &str) -> Option<&str> {
        self.owners.get(file).map(String::as_str)
    }

    pub(super) fn append(&mut self, record: Record) -> io::Result<()> {
        // A line begins on its own even if the one before was torn by a kill or a full disk.
        let mut line = Vec::new();
        if self.ends_torn()? {
            line.push(b'\n');
        }
        serde_json::to_writer(&mut line, &record)?;
        line.push(b'\n');
        let written = self.file.write(&line)?;
        if written < line.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.learn(record);
        Ok(())
    }

    fn ends_torn(&mut self) -> io::Result<bool> {
        if self.file.seek(SeekFrom::End(0))? == 0 {
            return Ok(false);
        }
        self.file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        self.file.read_exact(&mut last)?;
        Ok(last != *b"\n")
    }

    /// Reads the whole lines that were added since.
    fn refresh(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.read))?;
        let mut added = Vec::new();
        self.file.read_to_end(&mut added)?;
        let Some(last) = added.iter().rposition(|&byte| byte == b'\n') else {
            return Ok(());
        };
        for line in added[..last].split(|&byte| byte == b'\n') {
            // A torn line is not JSON; and a name that would leave the folder was not written here.
            if let Ok(record) = serde_json::from_slice::<Record>(line)
                && record.file == name::safe(&record.file)
            {
                self.learn(record);
            }
        }
        self.read += last as u64 + 1;
        Ok(())
    }

    /// The latest record of a link counts, and the latest owner of a file.
    fn learn(&mut self, record: Record) {
        if let Some(before) = self.owners.insert(record.file.clone(), record.link.clone())
            && before != record.link
        {
            self.by_link.remove(&before);
        }
        if let Some(old) = self.by_link.insert(record.link.clone(), record.clone())
            && old.file != record.file
        {
            self.owners.remove(&old.file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn record(link: &str, file: &str) -> Record {
        Record { link: link.to_owned(), file: file.to_owned(), bytes: 1, sha256: "00".to_owned() }
    }

    #[test]
    fn a_torn_last_line_is_passed_over_and_the_next_line_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest");
        Manifest::open(&path).unwrap().append(record("a", "a.png")).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], &whole[..whole.len() / 2]].concat()).unwrap();

        let mut manifest = Manifest::open(&path).unwrap();
        assert_eq!(manifest.of_link("a"), Some(&record("a", "a.png")));
        manifest.append(record("b", "b.png")).unwrap();
        let manifest = Manifest::open(&path).unwrap();
        assert_eq!(manifest.of_link("a"), Some(&record("a", "a.png")));
        assert_eq!(manifest.of_link("b"), Some(&record("b", "b.png")));
    }

    #[test]
    fn what_another_process_appends_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest");
        let mut ours = Manifest::open(&path).unwrap();
        let mut theirs = Manifest::open(&path).unwrap();
        theirs.append(record("a", "a.png")).unwrap();
        ours.append(record("b", "b.png")).unwrap();
        let owner = ours.alone(|ours| ours.owner("a.png").map(str::to_owned));
        assert_eq!(owner.unwrap().as_deref(), Some("a"));
    }

    #[test]
    fn a_file_has_one_owner_and_a_link_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut manifest = Manifest::open(&dir.path().join("manifest")).unwrap();
        manifest.append(record("a", "x.png")).unwrap();
        manifest.append(record("b", "x.png")).unwrap();
        assert_eq!(manifest.of_link("a"), None);
        manifest.append(record("b", "y.png")).unwrap();
        assert_eq!(manifest.owner("x.png"), None);
        assert_eq!(manifest.owner("y.png"), Some("b"));
    }

    #[test]
    fn a_record_that_points_out_of_the_folder_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest");
        let mut line = serde_json::to_vec(&record("a", "../../etc/passwd")).unwrap();
        line.push(b'\n');
        fs::write(&path, line).unwrap();
        assert_eq!(Manifest::open(&path).unwrap().of_link("a"), None);
    }
}
