//! Temporary files.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{fs, thread};

use signal_hook::consts::TERM_SIGNALS;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use tempfile::TempDir;

/// A temporary folder. It is removed when this is dropped, and also when Ctrl-C or `kill` ends the
/// program. (No program can answer `kill -9`, so then the folder stays.)
///
/// ```
/// let scratch = measure::Scratch::new()?;
/// let folder = scratch.folder()?;
/// std::fs::write(folder.join("a.txt"), "not for long")?;
/// drop(scratch);
/// assert!(!folder.exists());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Scratch {
    folder: Option<TempDir>,
}

/// Held while files are being removed. The thread that answers a signal never releases it, so
/// `main` waits for it when it drops its `Scratch`, instead of complaining of files that are gone.
static REMOVING: Mutex<()> = Mutex::new(());

impl Scratch {
    /// Makes the folder where `TMPDIR` says, or else among the system's temporary files.
    ///
    /// # Errors
    ///
    /// If it can't be made. The error says where, and what to do.
    pub fn new() -> io::Result<Self> {
        let mut signals = Signals::new(TERM_SIGNALS)?;
        let folder = tempfile::tempdir().map_err(with_advice)?;
        let path = folder.path().to_owned();
        thread::Builder::new().name("end on Ctrl-C".to_owned()).spawn(move || {
            for signal in signals.forever() {
                let _held = REMOVING.lock().unwrap_or_else(PoisonError::into_inner);
                remove(&path);
                let _ = emulate_default_handler(signal); // ends the program as the signal would
            }
        })?;
        Ok(Scratch { folder: Some(folder) })
    }

    /// Makes a new folder inside.
    ///
    /// # Errors
    ///
    /// If it can't be made. The error says where, and what to do.
    pub fn folder(&self) -> io::Result<PathBuf> {
        let inside = self.folder.as_ref().map_or(Path::new("."), TempDir::path);
        Ok(tempfile::tempdir_in(inside).map_err(with_advice)?.keep())
    }
}

fn with_advice(error: io::Error) -> io::Error {
    let text =
        format!("no place for temporary files: {error}; set TMPDIR to a folder with room for them");
    io::Error::new(error.kind(), text)
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _held = REMOVING.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.folder.take());
    }
}

/// Removes a folder that other threads may still be writing to.
fn remove(folder: &Path) {
    for _ in 0..1000 {
        if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
        thread::yield_now();
    }
}
