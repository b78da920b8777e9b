//! What `book/recordings.toml` declares, and the command line that a reader types for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::prediction::Prediction;
use crate::files;

/// Longer command lines continue on the next line: a page isn't any wider.
const WIDTH: usize = 100;

/// The program of a recording: `step = "03_pool"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Program {
    /// An example. It leaves a timeline, and perhaps a plot.
    Step(String),
    /// A benchmark. It leaves a plot if it draws one.
    Bench(String),
    /// The twin of a step in Python. It leaves a timeline.
    Python(String),
}

impl Program {
    pub(super) fn name(&self) -> &str {
        match self {
            Program::Step(name) | Program::Bench(name) | Program::Python(name) => name,
        }
    }
}

/// One entry of `book/recordings.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    /// The name of its files.
    pub(crate) name: String,
    pub(super) program: Program,
    /// Whether the offline gallery is served meanwhile, with its links in `links.txt`.
    #[serde(default)]
    pub(crate) gallery: bool,
    /// What the reader types after `--`.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// Whether the reader types `--release`.
    #[serde(default)]
    pub(crate) release: bool,
    /// Lines that begin with one of these come in any order. An empty string stands for all lines.
    #[serde(default)]
    pub(super) any_order: Vec<String>,
    /// Parts of the output that a chapter includes one by one, as anchors.
    #[serde(default)]
    pub(super) parts: BTreeMap<String, Part>,
    /// What the check types instead, if the recorded run takes too long for it.
    pub(super) check_args: Option<Vec<String>>,
    /// The exit code that the run must have.
    #[serde(default)]
    pub(super) status: i32,
    /// Files of the workspace that the command names.
    #[serde(default)]
    pub(super) files: Vec<PathBuf>,
    /// Whether its timelines are drawn.
    #[serde(default = "yes")]
    pub(super) timelines: bool,
    /// Whether its parts are ways of doing the same, which are compared: drawn to one scale.
    #[serde(default)]
    pub(super) compared: bool,
    /// Whether its plot is drawn, if it makes one.
    #[serde(default = "yes")]
    pub(super) plot: bool,
    /// What a reader is asked before the first run.
    #[serde(default)]
    pub(super) predict: Prediction,
}

/// From a line to a line, each the first that begins with these words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// The first line of the part. Without it, the command line.
    pub(super) from: Option<String>,
    /// The last line.
    pub(super) to: Option<String>,
    /// The line after the last. With neither, the end.
    pub(super) before: Option<String>,
}

fn yes() -> bool {
    true
}

/// The recordings that the manifest declares.
pub(crate) fn recordings(root: &Path) -> anyhow::Result<Vec<Recording>> {
    let file = manifest(root);
    parse(&files::read(&file)?).with_context(|| format!("cannot use {}", file.display()))
}

fn parse(text: &str) -> anyhow::Result<Vec<Recording>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Manifest {
        recording: Vec<toml::Table>,
    }
    let Manifest { recording } = toml::from_str(text)?;
    let recordings: Vec<Recording> =
        recording.into_iter().map(from_table).collect::<anyhow::Result<_>>()?;
    let mut names = BTreeSet::new();
    for Recording { name, .. } in &recordings {
        ensure!(names.insert(name), "two recordings have the name {name}");
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        ensure!(name.chars().all(is_plain), "{name:?} is no file name");
    }
    Ok(recordings)
}

/// A recording is one of a step, a bench and a python: the key that names it becomes its program.
fn from_table(mut table: toml::Table) -> anyhow::Result<Recording> {
    let keys = ["step", "bench", "python"];
    let program: toml::Table = keys.iter().filter_map(|key| table.remove_entry(*key)).collect();
    let name = table
        .get("name")
        .map_or("<a recording without a name>".to_owned(), |name| name.to_string());
    ensure!(program.len() == 1, "{name} needs one of {}", keys.join(", "));
    table.insert("program".to_owned(), program.into());
    table.try_into().with_context(|| format!("in the recording {name}"))
}

/// The file that declares them.
pub(super) fn manifest(root: &Path) -> PathBuf {
    root.join("book/recordings.toml")
}

impl Recording {
    /// The example that it runs, if it runs one.
    pub(crate) fn step(&self) -> Option<&str> {
        match &self.program {
            Program::Step(step) => Some(step),
            Program::Bench(_) | Program::Python(_) => None,
        }
    }

    /// The features that it is built with.
    pub(super) fn features(&self) -> &'static [&'static str] {
        match &self.program {
            Program::Step(name) | Program::Bench(name) => harness::features(name),
            Program::Python(_) => &[],
        }
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.program.name() == name
    }

    /// What the reader types.
    pub(crate) fn command(&self) -> String {
        let with: String = self.features().iter().map(|f| format!(" --features {f}")).collect();
        let release = if self.release { " --release" } else { "" };
        let (mut line, dashes) = match &self.program {
            Program::Step(step) => (format!("$ cargo run{release}{with} --example {step}"), " --"),
            Program::Bench(bench) => (format!("$ cargo bench{with} --bench {bench}"), " --"),
            Program::Python(twin) => (format!("$ python3 examples/python/{twin}.py"), ""),
        };
        if !self.args.is_empty() {
            line += dashes;
        }
        for arg in &self.args {
            let plain = |c: char| c.is_alphanumeric() || "-_=./:,@%+".contains(c);
            let is_plain = arg.chars().all(plain) && !arg.is_empty();
            let quote = if is_plain { "" } else { "'" };
            let _ = write!(line, " {quote}{arg}{quote}");
        }
        match line.split_once(" -- ") {
            Some((cargo, args)) if line.len() > WIDTH => format!("{cargo} -- \\\n    {args}"),
            _ => line,
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
