// A file for each task, whose name is its number. A task is put under another name, and renamed
// once it is whole. Whoever takes it locks its file. The system takes the lock away from a process
// that has died, however it died, and so the task is free again: nobody has to notice anything.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub struct Queue {
    folder: PathBuf,
}

/// A task in the hands of this process.
pub struct Taken {
    text: String,
    path: PathBuf,
    /// It's locked as long as it's open.
    _file: File,
}

impl Queue {
    pub fn open(folder: &Path) -> io::Result<Queue> {
        Ok(Queue { folder: folder.to_owned() })
    }

    pub fn put(&mut self, task: &str) -> io::Result<()> {
        // One at a time: the next number is one more than the last that was ever given.
        let lock = File::create(self.folder.join("lock"))?;
        lock.lock()?;
        let last = self.folder.join("last");
        let part = self.folder.join("part");
        let number = match fs::read_to_string(&last) {
            Ok(number) => number.parse().map_err(io::Error::other)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0_u64,
            Err(error) => return Err(error),
        };
        // The number first: if we're killed in between, one is left out, and that's all.
        fs::write(&part, (number + 1).to_string())?;
        fs::rename(&part, last)?;
        fs::write(&part, task)?;
        fs::rename(part, self.folder.join(format!("{number:020}.task")))
    }

    pub fn take(&mut self) -> io::Result<Option<Taken>> {
        let names = fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.path()));
        let mut paths = names.collect::<io::Result<Vec<_>>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "task"));
        paths.sort();
        for path in paths {
            if let Some(taken) = Taken::lock(path)? {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    }
}

impl Taken {
    /// `None` if somebody else has it, or has done it in the meantime.
    fn lock(path: PathBuf) -> io::Result<Option<Taken>> {
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Between `open` and `try_lock`, somebody else may have done it, and removed it.
        if !path.try_exists()? {
            return Ok(None);
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(Some(Taken { text, path, _file: file }))
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn done(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}
