//! The files that a program keeps for itself in a folder of results: temporary ones, and a lock.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile, TempDir};

pub(crate) const LOCK: &str = ".many-hands.lock";

/// How temporary names begin and end. No name made from a link begins with a dot.
const TEMPORARY: &str = ".many-hands-";
const TEMPORARY_END: &str = ".part";

/// A new temporary file in `folder`. It is removed when dropped.
pub(crate) fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(TEMPORARY).suffix(TEMPORARY_END);
    #[cfg(unix)]
    {
        // By default a temporary file is private, and the final file would be, too. The umask still
        // applies.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// A new temporary folder in `folder`. It is removed when dropped.
pub(crate) fn temporary_folder(folder: &Path) -> io::Result<TempDir> {
    Builder::new().prefix(TEMPORARY).suffix(TEMPORARY_END).tempdir_in(folder)
}

/// Marks the folder as in use while the result lives, and removes leftovers if no other process is
/// using it.
pub(crate) fn take_into_use(folder: &Path) -> io::Result<File> {
    let path = folder.join(LOCK);
    refuse_symlink(&path)?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
    if file.try_lock().is_ok() {
        remove_leftovers(folder)?;
        file.unlock()?;
    }
    // If the file system has no locks, leftovers stay: that is better than removing a file in use.
    file.lock_shared().ok();
    Ok(file)
}

fn remove_leftovers(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(TEMPORARY) && name.ends_with(TEMPORARY_END) {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                fs::remove_dir_all(entry.path()).ok();
            } else {
                fs::remove_file(entry.path()).ok();
            }
        }
    }
    Ok(())
}

/// This program's own files are never symbolic links to somewhere else.
pub(crate) fn refuse_symlink(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(io::Error::other("it is a symbolic link")),
        _ => Ok(()),
    }
}
