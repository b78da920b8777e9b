//! What a page may edit: the scratch copy of a step, and the answer to a challenge. A page sends
//! names, never a path; and what it saves never takes the place of something that it hasn't seen.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use anyhow::Context;
use challenges::CHALLENGES;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::book::Book;
use super::http::{self, Refusal, Request};
use super::scratch;
use crate::preprocess::Challenges;
use crate::preprocess::changed::Changed;
use crate::record;

/// Requests to this address may hold what a reader has written.
pub(super) fn holds_text(path: &str) -> bool {
    matches!(path, "/-/save" | "/-/compare")
}

/// How a challenge is named beside the steps.
const CHALLENGE: &str = "challenge ";

/// What a page wants to edit: a step, or a challenge.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    name: String,
}

/// A file as the reader has left it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    name: String,
    file: String,
    text: String,
    /// Of the file that the page has read.
    version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    old: String,
    new: String,
}

#[derive(Serialize)]
struct Source {
    files: Vec<File>,
}

/// A file that a page may edit.
#[derive(Serialize)]
struct File {
    name: String,
    text: String,
    original: String,
    /// Changes whenever the file does. Empty if there is none yet.
    version: String,
    /// Where it is, from the root, as the reader knows it.
    place: String,
    #[serde(skip)]
    path: PathBuf,
    /// Whether there is no file as long as nothing is changed.
    #[serde(skip)]
    is_copy: bool,
}

/// Sends the files of a step or a challenge.
pub(super) fn send(book: &Book, request: &Request, client: &mut TcpStream) -> Result<(), Refusal> {
    let wish: Wish = request.json()?;
    http::send_json(client, request, &Source { files: files(book, &wish.name)? })
}

/// Saves a file, unless it has changed since the page read it.
pub(super) fn save(book: &Book, request: &Request, client: &mut TcpStream) -> Result<(), Refusal> {
    let edit: Edit = request.json()?;
    let _alone = book.save_alone();
    let mut files = files(book, &edit.name)?.into_iter();
    let file = files
        .find(|file| file.name == edit.file)
        .ok_or_else(|| Refusal::new(404, "there is no such file to be edited\n"))?;
    if file.version != edit.version {
        return Err(Refusal::new(409, format!("{} has changed on disk\n", file.place)));
    }
    let saved = if file.is_copy && edit.text == file.original {
        remove(&file.path).map(|()| String::new())
    } else {
        replace(&file.path, edit.text.as_bytes()).map(|()| version(edit.text.as_bytes()))
    };
    let version = saved
        .with_context(|| format!("cannot save {}", file.place))
        .map_err(|error| Refusal::new(500, format!("{error:#}\n")))?;
    http::send_json(client, request, &serde_json::json!({ "version": version }))
}

/// Sends what is different between two texts, as the book shows it.
pub(super) fn compare(request: &Request, client: &mut TcpStream) -> Result<(), Refusal> {
    let Pair { old, new } = request.json()?;
    let html = Changed::between(&old, &new).lines;
    let headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")];
    http::send(client, request, 200, &headers, html.as_bytes())
}

/// The folder of the reader's answers.
pub(super) fn answers(book: &Book) -> PathBuf {
    let folder = std::env::var_os(CHALLENGES).filter(|folder| !folder.is_empty());
    book.root.join(folder.unwrap_or_else(|| "challenges".into()))
}

/// The files of a step or a challenge that the book knows.
fn files(book: &Book, name: &str) -> Result<Vec<File>, Refusal> {
    let failed = |error: anyhow::Error| Refusal::new(500, format!("{error:#}\n"));
    if let Some(name) = name.strip_prefix(CHALLENGE) {
        let list = Challenges::entries(&book.root)
            .map_err(|found| Refusal::new(500, format!("challenges.toml: {}\n", found[0].1)))?;
        let challenge = list.into_iter().find(|known| known.name == name).ok_or_else(unknown)?;
        let original = challenge.read("challenge.rs").map_err(|error| failed(error.into()))?;
        let path = answers(book).join(format!("{name}.rs"));
        return Ok(vec![File::read(book, path, original, false)?]);
    }
    let recordings = record::recordings(&book.root).map_err(failed)?;
    if !recordings.iter().any(|recording| recording.step() == Some(name)) {
        return Err(unknown());
    }
    let files = scratch::files(&book.root, name).map_err(failed)?.into_iter();
    files.map(|file| File::read(book, file.copy, file.original, true)).collect()
}

fn unknown() -> Refusal {
    Refusal::new(404, "the book has nothing of this name that can be edited\n")
}

impl File {
    /// Reads the file at this path, or takes the original if there is none.
    fn read(book: &Book, path: PathBuf, original: String, is_copy: bool) -> Result<File, Refusal> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let place = path.strip_prefix(&book.root).unwrap_or(&path).display().to_string();
        let (text, version) = match fs::read(&path) {
            Ok(bytes) => {
                let version = version(&bytes);
                let text = String::from_utf8(bytes).map_err(|_| {
                    let why = "isn't UTF-8: open it in an editor of your own";
                    Refusal::new(422, format!("{place} {why}\n"))
                })?;
                (text, version)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                (original.clone(), String::new())
            }
            Err(error) => return Err(Refusal::new(500, format!("cannot read {place}: {error}\n"))),
        };
        Ok(File { name, text, original, version, place, path, is_copy })
    }
}

fn version(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Writes a file as a whole or not at all. A link stays one, and so do the permissions.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    // Temporary files are private; the umask still applies.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file: NamedTempFile = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    match fs::metadata(&path) {
        Ok(before) => {
            file.as_file().set_permissions(before.permissions())?;
            file.persist(&path)?;
        }
        Err(_) => drop(file.persist_noclobber(&path)?),
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_file_keeps_its_permissions_and_the_link_that_leads_to_it() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real.rs"), folder.path().join("link.rs"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
    }
}
