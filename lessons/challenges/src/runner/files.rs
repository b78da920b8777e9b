//! Files in the reader's folder: written as a whole or not at all, and errors that say what to do.

use std::io::Write;
use std::path::Path;
use std::{fs, io};

use tempfile::NamedTempFile;

/// Creates a file with these bytes, and never in the place of another.
pub(super) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let placed = temporary(path, bytes).and_then(|file| Ok(file.persist_noclobber(path)?));
    placed.map(drop).map_err(|error| blame(path, &error))
}

/// Replaces a file, or creates it.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let placed = temporary(path, bytes).and_then(|file| Ok(file.persist(path)?));
    placed.map(drop).map_err(|error| blame(path, &error))
}

/// A temporary file with these bytes, in the folder where it will stay.
fn temporary(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)] // temporary files are private; the umask still applies
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Whether there is nothing at all, rather than something that can't be read or a link that leads
/// nowhere.
pub(super) fn is_absent(path: &Path, error: &io::Error) -> bool {
    let not_found = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    not_found(error) && fs::symlink_metadata(path).is_err_and(|error| not_found(&error))
}

/// The error, with the file that it's about and what to do.
pub(super) fn blame(path: &Path, error: &io::Error) -> io::Error {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ": change its permissions, or set CHALLENGES to another folder"
        }
        io::ErrorKind::StorageFull => ": free some space on the disk",
        _ => "",
    };
    io::Error::new(error.kind(), format!("{}: {error}{advice}", path.display()))
}
