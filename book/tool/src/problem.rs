//! What is wrong with the book, and where.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// Lines of one file, counted from 1, and what is wrong with each.
pub(crate) type Found = Vec<(usize, String)>;

/// Something to fix, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    file: PathBuf,
    line: Option<usize>,
    what: String,
}

impl Problem {
    pub(crate) fn new(root: &Path, file: &Path, what: impl Into<String>) -> Self {
        let file = file.strip_prefix(root).unwrap_or(file).to_owned();
        Problem { file, line: None, what: what.into() }
    }

    pub(crate) fn line(self, line: usize) -> Self {
        Problem { line: Some(line), ..self }
    }

    /// One problem for each line of a file that has one.
    pub(crate) fn all(
        root: &Path,
        file: &Path,
        found: impl IntoIterator<Item = (usize, String)>,
    ) -> impl Iterator<Item = Problem> {
        found.into_iter().map(move |(line, what)| Problem::new(root, file, what).line(line))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.what)
    }
}

/// The line, counted from 1, in which this byte of a text lies.
pub(crate) fn line_at(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|&b| b == b'\n').count()
}

/// Reads TOML, or says in which line it can't be read, and why.
pub(crate) fn parse_toml<T: DeserializeOwned>(text: &str) -> Result<T, (usize, String)> {
    toml::from_str(text).map_err(|error| {
        (line_at(text, error.span().map_or(0, |span| span.start)), error.message().to_owned())
    })
}
