//! Files that are named pipes, so that a check sees who reads them, and how many at the same time.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use crate::door::{Door, Rush};

/// Named pipes. Each can be read once, and passes a [`Door`] before its reader gets anything.
#[derive(Debug)]
pub struct Pipes {
    paths: Vec<PathBuf>,
    door: Arc<Door>,
    read_here: Arc<AtomicBool>,
}

impl Pipes {
    /// Makes pipes with these paths and contents, `at_once` of which should be read at a time.
    ///
    /// # Panics
    ///
    /// If `mkfifo` can't make them.
    pub fn lay_out(files: Vec<(PathBuf, Vec<u8>)>, at_once: usize) -> Self {
        let paths: Vec<_> = files.iter().map(|(path, _)| path.clone()).collect();
        let made = Command::new("mkfifo").args(&paths).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo makes named pipes");
        let door = Door::new(paths.len(), at_once);
        let read_here = Arc::new(AtomicBool::new(false));
        for (path, bytes) in files {
            let (door, read_here) = (Arc::clone(&door), Arc::clone(&read_here));
            thread::spawn(move || {
                // It can be opened for writing only once somebody has opened it for reading.
                let Ok(mut file) = File::options().write(true).open(&path) else { return };
                let look = || {
                    if is_read_here(&path) {
                        read_here.store(true, Relaxed);
                        door.close();
                    }
                };
                thread::sleep(Duration::from_millis(5)); // until /proc shows it
                look();
                door.pass(&path.display().to_string());
                look(); // on a busy machine it may have taken longer
                let _ = file.write_all(&bytes); // the reader may have gone
            });
        }
        Pipes { paths, door, read_here }
    }

    /// Where they are.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Lets everyone read from now on, and says what the door has seen.
    pub fn close(&self) -> Option<Rush> {
        self.door.close()
    }

    /// Whether this process has read one of them itself.
    pub fn were_read_here(&self) -> bool {
        self.read_here.load(Relaxed)
    }
}

/// Whether this process has a file open for reading. (It has it open for writing in any case.) Only
/// Linux says.
fn is_read_here(path: &Path) -> bool {
    let Ok(open) = fs::read_dir("/proc/self/fd") else { return false };
    let paths = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    paths.filter(|open| open == path).count() > 1
}
