//! Files that are whole or not there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::work::Made;

/// A file that is on the disk.
pub struct Saved {
    pub file: PathBuf,
    pub note: Value,
}

/// Writes to another name, and renames the file once all of it is on the disk. A run that is killed
/// leaves at most a `.part` behind, which the next run overwrites.
pub fn save(folder: &Path, link: &str, made: Made) -> Result<Saved> {
    let name = name(link, made.extension);
    let (file, part) = (folder.join(&name), folder.join(format!(".{name}.part")));
    write(&part, &file, &made.bytes).with_context(|| format!("cannot save {}", file.display()))?;
    Ok(Saved { file, note: made.note })
}

fn write(part: &Path, file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut open = File::create(part)?;
    open.write_all(bytes)?;
    open.sync_all()?;
    fs::rename(part, file)
}

/// A name that leads out of no folder and that no other link has: the end of the link, as far as it
/// is harmless, with a number made from all of it before the extension.
fn name(link: &str, extension: Option<&str>) -> String {
    // FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
    let number = link.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let end = path.rsplit('/').next().unwrap_or_default();
    let harmless = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end: String = end.chars().filter(harmless).collect();
    let (stem, ending) = end.rsplit_once('.').unwrap_or((&end, ""));
    let stem: String = stem.trim_matches('.').chars().take(80).collect();
    let own: String = ending.chars().take(10).collect();
    let extension = extension.unwrap_or(&own);
    let dot = if extension.is_empty() { "" } else { "." };
    format!("{stem}-{number:016x}{dot}{extension}")
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_one_harmless_part_of_a_path_and_tells_links_apart() {
        for link in ["http://h/../../etc/passwd", "http://h/", "http://h/a%2Fb/\u{202e}c.png?x=/y"]
        {
            let name = name(link, None);
            assert!(!name.contains(['/', '%', '\u{202e}']) && !name.starts_with('.'), "{name}");
        }
        assert_ne!(name("http://h/1/a.png", None), name("http://h/2/a.png", None));
        let cat = name("http://h/cat.jpg?size=9", Some("png"));
        assert!(cat.starts_with("cat-") && cat.ends_with(".png"), "{cat}");
    }
}
