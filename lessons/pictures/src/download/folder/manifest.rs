//! The manifest: what earlier runs saved, one line of JSON per file.
//!
//! It is a file in the output folder, to which several threads and processes append. Each line is
//! one write to a file opened for appending, so lines never mix. A run that is killed in the middle
//! of a line leaves a torn one, which is ignored.
//!
//! Only the position of each line is kept in memory: a folder with a million pictures must not cost
//! a gigabyte.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::download::name;

/// One file that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) link: String,
    /// Its name in the folder.
    pub(super) file: String,
    pub(super) bytes: u64,
    /// The hash of its content, in hexadecimal.
    pub(super) sha256: String,
}

/// The manifest on disk, and an index of it.
#[derive(Debug)]
pub(super) struct Manifest {
    file: File,
    /// How much of `file` has been read, in bytes.
    read: u64,
    index: Index,
}

/// Links and files by their hashes. If two links have the same hash, the earlier one is forgotten
/// and would be downloaded again; if two files have, the later one gets another name.
#[derive(Debug, Default)]
struct Index {
    hasher: RandomState,
    by_link: HashMap<u64, Place>,
    /// The link that each file belongs to.
    owners: HashMap<u64, u64>,
}

#[derive(Debug)]
struct Place {
    /// Where the record begins, in bytes.
    offset: u64,
    /// The hash of its file.
    file: u64,
}

impl Manifest {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut manifest = Manifest { file, read: 0, index: Index::default() };
        manifest.refresh()?;
        Ok(manifest)
    }

    /// Calls `change` while no other process changes the folder, after reading what others have
    /// recorded.
    pub(super) fn alone<T>(&mut self, change: impl FnOnce(&mut Self) -> T) -> io::Result<T> {
        // If the file system has no locks, at least the threads of one process take turns.
        let locked = self.file.lock().is_ok();
        let done = self.refresh().map(|()| change(self));
        if locked {
            self.file.unlock().ok();
        }
        done
    }

    /// The file that was last recorded for a link.
    pub(super) fn find(&mut self, link: &str) -> Option<Record> {
        let offset = self.index.by_link.get(&self.index.hash(link))?.offset;
        let mut line = Vec::new();
        self.file.seek(SeekFrom::Start(offset)).ok()?;
        BufReader::with_capacity(1024, &self.file).read_until(b'\n', &mut line).ok()?;
        serde_json::from_slice(&line).ok().filter(|record: &Record| record.link == link)
    }

    /// Whether the file is recorded as this link's, or as another link's.
    pub(super) fn owner(&self, file: &str, link: &str) -> Owner {
        match self.index.owners.get(&self.index.hash(file)) {
            None => Owner::Nobody,
            Some(&owner) if owner == self.index.hash(link) => Owner::ThisLink,
            Some(_) => Owner::AnotherLink,
        }
    }

    pub(super) fn append(&mut self, record: Record) -> io::Result<()> {
        // Begin a new line even if the last one was torn by a kill or a full disk.
        let mut line = Vec::new();
        if self.ends_torn()? {
            line.push(b'\n');
        }
        let before = line.len() as u64;
        serde_json::to_writer(&mut line, &record)?;
        line.push(b'\n');
        let written = self.file.write(&line)?;
        if written < line.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let end = self.file.stream_position()?;
        self.index.learn(&record, end - line.len() as u64 + before);
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

    /// Reads the lines that were added since the last time.
    fn refresh(&mut self) -> io::Result<()> {
        if self.file.seek(SeekFrom::End(0))? == self.read {
            return Ok(());
        }
        self.file.seek(SeekFrom::Start(self.read))?;
        let mut reader = BufReader::with_capacity(64 * 1024, &self.file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") {
                return Ok(()); // the end, or a line that is not complete yet
            }
            // A torn line is not JSON, and a name that leaves the folder was not written by us.
            if let Ok(record) = serde_json::from_slice::<Record>(&line)
                && record.file == name::safe(&record.file)
            {
                self.index.learn(&record, self.read);
            }
            self.read += length as u64;
        }
    }
}

/// Which link a file belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Nobody,
    ThisLink,
    AnotherLink,
}

impl Index {
    fn hash(&self, text: &str) -> u64 {
        self.hasher.hash_one(text)
    }

    /// The last record of a link counts, and the last owner of a file.
    fn learn(&mut self, record: &Record, offset: u64) {
        let (link, file) = (self.hash(&record.link), self.hash(&record.file));
        if let Some(before) = self.owners.insert(file, link)
            && before != link
        {
            self.by_link.remove(&before);
        }
        if let Some(old) = self.by_link.insert(link, Place { offset, file })
            && old.file != file
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
    fn a_torn_last_line_is_ignored_and_the_next_line_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest");
        Manifest::open(&path).unwrap().append(record("a", "a.png")).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], &whole[..whole.len() / 2]].concat()).unwrap();

        let mut manifest = Manifest::open(&path).unwrap();
        assert_eq!(manifest.find("a"), Some(record("a", "a.png")));
        manifest.append(record("b", "b.png")).unwrap();
        assert_eq!(manifest.find("b"), Some(record("b", "b.png")), "it knows where it wrote");
        let mut manifest = Manifest::open(&path).unwrap();
        assert_eq!(manifest.find("a"), Some(record("a", "a.png")));
        assert_eq!(manifest.find("b"), Some(record("b", "b.png")));
    }

    #[test]
    fn what_another_process_appends_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest");
        let mut ours = Manifest::open(&path).unwrap();
        let mut theirs = Manifest::open(&path).unwrap();
        theirs.append(record("a", "a.png")).unwrap();
        ours.append(record("b", "b.png")).unwrap();
        let found = ours.alone(|ours| (ours.owner("a.png", "a"), ours.find("a"))).unwrap();
        assert_eq!(found, (Owner::ThisLink, Some(record("a", "a.png"))));
    }

    #[test]
    fn a_file_has_one_owner_and_a_link_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut manifest = Manifest::open(&dir.path().join("manifest")).unwrap();
        manifest.append(record("a", "x.png")).unwrap();
        manifest.append(record("b", "x.png")).unwrap();
        assert_eq!(manifest.find("a"), None);
        manifest.append(record("b", "y.png")).unwrap();
        assert_eq!(manifest.owner("x.png", "b"), Owner::Nobody);
        assert_eq!(manifest.owner("y.png", "b"), Owner::ThisLink);
        assert_eq!(manifest.owner("y.png", "a"), Owner::AnotherLink);
        assert_eq!(manifest.find("b"), Some(record("b", "y.png")));
    }

    #[test]
    fn a_record_that_points_out_of_the_folder_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest");
        let mut line = serde_json::to_vec(&record("a", "../../etc/passwd")).unwrap();
        line.push(b'\n');
        fs::write(&path, line).unwrap();
        assert_eq!(Manifest::open(&path).unwrap().find("a"), None);
    }
}
