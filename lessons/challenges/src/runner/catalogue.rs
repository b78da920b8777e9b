//! Which challenges there are.

use std::path::{Path, PathBuf};
use std::{fs, io};

use toml::{Table, Value};

/// One challenge, as `challenges.toml` has it.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) minutes: u32,
    /// The page of the book that it belongs to.
    pub(crate) page: String,
    /// A feature of this package, without which its check does not compile.
    pub(crate) needs: Option<String>,
}

/// All challenges, in the order of the road.
pub(crate) fn all() -> Vec<Challenge> {
    let list: Table = include_str!("../../challenges.toml").parse().expect("it is TOML");
    let challenges = list["challenge"].as_array().expect("it is a list of challenges");
    challenges
        .iter()
        .map(|challenge| Challenge::read_from(challenge).expect("a test reads them all"))
        .collect()
}

impl Challenge {
    fn read_from(entry: &Value) -> Option<Self> {
        let text = |key| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Challenge {
            name: text("name")?,
            title: text("title")?,
            minutes: entry.get("minutes")?.as_integer()?.try_into().ok()?,
            page: text("page")?,
            needs: text("needs"),
        })
    }

    /// A file of the challenge: `challenge.rs`, `hint.md`, `solution.rs`.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("exercises").join(&self.name).join(file)
    }

    pub(crate) fn read(&self, file: &str) -> io::Result<String> {
        let path = self.path(file);
        fs::read_to_string(&path)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }

    /// What comes before the first underscore: the chapter.
    pub(crate) fn chapter(&self) -> &str {
        self.name.split('_').next().unwrap_or_default()
    }
}
