//! The report: a line of JSON for each link, as soon as its end is known. The next run reads it and
//! goes on where this one stopped.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Deserializer, Value, json};

use crate::save::Saved;

pub struct Report {
    file: File,
    path: PathBuf,
}

impl Report {
    /// Opens the report of an earlier run, or begins one, and returns the links that are done, each
    /// with its file. If a killed run left a torn line, that is cut off.
    pub fn open(path: &Path) -> Result<(Report, HashMap<String, PathBuf>)> {
        let file = File::options().append(true).create(true).open(path)?;
        let report = |file| Report { file, path: path.to_owned() };
        if !file.metadata()?.is_file() {
            return Ok((report(file), HashMap::new())); // a pipe is only written to
        }
        file.try_lock().context("another run is using it")?;
        let bytes = fs::read(path)?;
        let mut begin = bytes.iter().zip(b"{\"");
        ensure!(begin.all(|(is, must)| is == must), "this file isn't a report, and is left alone");
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut done = HashMap::new();
        for line in Deserializer::from_slice(&bytes[..whole]).into_iter::<Value>() {
            let line = line.context("this file isn't a report, and is left alone")?;
            if let (Some(link), Some(file)) = (line["link"].as_str(), line["file"].as_str()) {
                done.insert(link.to_owned(), PathBuf::from(file));
            }
        }
        file.set_len(whole as u64)?;
        Ok((report(file), done))
    }

    /// Writes the line of a link: straight to the file and in one piece, so that it outlives us.
    pub fn add(&mut self, link: &str, outcome: &Result<Saved>) -> Result<()> {
        let line = match outcome {
            Ok(saved) => json!({ "link": link, "file": saved.file, "note": saved.note }),
            Err(error) => json!({ "link": link, "reason": format!("{error:#}") }),
        };
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written.with_context(|| format!("the report {}", self.path.display()))
    }
}
