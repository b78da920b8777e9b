//! Which challenges there are.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

/// One challenge, as `challenges.toml` has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Challenge {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) minutes: u32,
    /// The page of the book that it belongs to.
    pub(crate) page: String,
    /// A feature of this package, without which its check does not compile.
    pub(crate) needs: Option<String>,
}

#[derive(Deserialize)]
struct List {
    challenge: Vec<Challenge>,
}

/// All challenges, in the order of the road.
pub(crate) fn all() -> Vec<Challenge> {
    let list: List = toml::from_str(include_str!("../../challenges.toml"))
        .expect("challenges.toml is tested with the challenges");
    list.challenge
}

impl Challenge {
    /// A file of the challenge: `challenge.rs`, `hint.md`, `solution.rs`.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(&self.name).join(file)
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
