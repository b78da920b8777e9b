//! SHA-256 of texts and files, in hexadecimal.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use ring::digest::{Context, Digest, SHA256, digest};

pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(digest(&SHA256, bytes))
}

/// Whether there is a plain file (not a symbolic link) at `path` with this size and content.
pub(super) fn holds(path: &Path, bytes: u64, sha256: &str) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == bytes)
        && sha256_of_file(path).is_ok_and(|found| found == sha256)
}

fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Context::new(&SHA256);
    let mut part = vec![0; 64 * 1024];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hexadecimal(hash.finish())),
            length => hash.update(&part[..length]),
        }
    }
}

fn hexadecimal(digest: Digest) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
