//! What earlier runs saved: one line of JSON per file, appended.
//!
//! The manifest lies in the output folder. Several threads and several processes append to it; each
//! line goes out in one write to a file opened for appending, so lines never mix. A run that is
//! killed in the middle of a line leaves a torn one, which is passed over.
//!
//! In memory there is only where each line begins: a folder with a million pictures must not cost a
//! gigabyte.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
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

/// The manifest on disk and where in it things are.
#[derive(Debug)]
pub(super) struct Manifest {
    file: File,
    /// Up to where `file` was read, in bytes.
    read: u64,
    index: Index,
}

/// Links and files by their hashes. Two links with one hash are as if the earlier had not been saved:
/// it would be downloaded again. Two files with one hash, and the later gets another name.
#[derive(Debug, Default)]
struct Index {
    hasher: RandomState,
    by_link: HashMap<u64, Place>,
    /// Which link each file belongs to.
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

    pub(super) fn of_link(&mut self, link: &str) -> Option<Record> {
        let offset = self.index.by_link.get(&self.index.hash(link))?.offset;
        let mut line = Vec::new();
        self.file.seek(SeekFrom::Start(offset)).ok()?;
        BufReader::with_capacity(1024, &self.file).read_until(b'\n', &mut line).ok()?;
        serde_json::from_slice(&line).ok().filter(|record: &Record| record.link == link)
    }

    /// Whether the file is recorded as this link's, or as another's.
    pub(super) fn owner(&self, file: &str, link: &str) -> Owner {
        match self.index.owners.get(&self.index.hash(file)) {
            None => Owner::Nobody,
            Some(&owner) if owner == self.index.hash(link) => Owner::ThisLink,
            Some(_) => Owner::AnotherLink,
        }
    }

    pub(super) fn append(&mut self, record: Record) -> io::Result<()> {
        // A line begins on its own even if the one before was torn by a kill or a full disk.
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

    /// Reads the whole lines that were added since.
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
                return Ok(()); // the end, or a line that is not whole yet
            }
            // A torn line is not JSON; and a name that would leave the folder was not written here.
            if let Ok(record) = serde_json::from_slice::<Record>(&line)
                && record.file == name::safe(&record.file)
            {
                self.index.learn(&record, self.read);
            }
            self.read += length as u64;
        }
    }
}

/// Whose file it is.
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

    /// The latest record of a link counts, and the latest owner of a file.
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
    fn a_torn_last_line_is_passed_over_and_the_next_line_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest");
        Manifest::open(&path).unwrap().append(record("a", "a.png")).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], &whole[..whole.len() / 2]].concat()).unwrap();

        let mut manifest = Manifest::open(&path).unwrap();
        assert_eq!(manifest.of_link("a"), Some(record("a", "a.png")));
        manifest.append(record("b", "b.png")).unwrap();
        assert_eq!(manifest.of_link("b"), Some(record("b", "b.png")), "it knows where it wrote");
        let mut manifest = Manifest::open(&path).unwrap();
        assert_eq!(manifest.of_link("a"), Some(record("a", "a.png")));
        assert_eq!(manifest.of_link("b"), Some(record("b", "b.png")));
    }

    #[test]
    fn what_another_process_appends_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest");
        let mut ours = Manifest::open(&path).unwrap();
        let mut theirs = Manifest::open(&path).unwrap();
        theirs.append(record("a", "a.png")).unwrap();
        ours.append(record("b", "b.png")).unwrap();
        let found = ours.alone(|ours| (ours.owner("a.png", "a"), ours.of_link("a"))).unwrap();
        assert_eq!(found, (Owner::ThisLink, Some(record("a", "a.png"))));
    }

    #[test]
    fn a_file_has_one_owner_and_a_link_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut manifest = Manifest::open(&dir.path().join("manifest")).unwrap();
        manifest.append(record("a", "x.png")).unwrap();
        manifest.append(record("b", "x.png")).unwrap();
        assert_eq!(manifest.of_link("a"), None);
        manifest.append(record("b", "y.png")).unwrap();
        assert_eq!(manifest.owner("x.png", "b"), Owner::Nobody);
        assert_eq!(manifest.owner("y.png", "b"), Owner::ThisLink);
        assert_eq!(manifest.owner("y.png", "a"), Owner::AnotherLink);
        assert_eq!(manifest.of_link("b"), Some(record("b", "y.png")));
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
