//! What `book/recordings.toml` declares, and what a reader types for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::files;

/// A command line that is longer goes on in the next one: a page shows no more of it.
const WIDTH: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    recording: Vec<Recording>,
}

/// What is run.
#[derive(Clone, Debug)]
pub(super) enum Program {
    /// An example. It leaves a timeline, and may leave a plot.
    Step(String),
    /// A benchmark. It leaves a plot, if it draws one.
    Bench(String),
    /// The twin of a step in Python. It leaves no pictures.
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
#[serde(try_from = "Entry")]
pub(crate) struct Recording {
    /// The names of its files.
    pub(super) name: String,
    pub(super) program: Program,
    /// Whether the offline gallery is served meanwhile, with its links in `links.txt`.
    pub(super) gallery: bool,
    /// What the reader types after `--`.
    pub(super) args: Vec<String>,
    /// Whether the reader types `--release`.
    pub(super) release: bool,
    /// Lines that begin with one of these come in any order. All, with an empty string among them.
    pub(super) any_order: Vec<String>,
    /// Parts of the output that a chapter includes one by one, as anchors.
    pub(super) parts: BTreeMap<String, Part>,
    /// What the check types instead, where the recorded run is too long for it.
    pub(super) check_args: Option<Vec<String>>,
    /// The exit code that the run must have.
    pub(super) status: i32,
    /// Files of the workspace that the command names.
    pub(super) files: Vec<PathBuf>,
    /// Whether its timelines are drawn.
    pub(super) timelines: bool,
    /// Whether its plot is drawn, if it makes one.
    pub(super) plot: bool,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    step: Option<String>,
    bench: Option<String>,
    python: Option<String>,
    #[serde(default)]
    gallery: bool,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    release: bool,
    #[serde(default)]
    any_order: Vec<String>,
    #[serde(default)]
    parts: BTreeMap<String, Part>,
    check_args: Option<Vec<String>>,
    #[serde(default)]
    status: i32,
    #[serde(default)]
    files: Vec<PathBuf>,
    #[serde(default = "yes")]
    timelines: bool,
    #[serde(default = "yes")]
    plot: bool,
}

impl TryFrom<Entry> for Recording {
    type Error = String;

    fn try_from(entry: Entry) -> Result<Self, String> {
        let Entry { name, step, bench, python, gallery, args, release, any_order, parts, .. } =
            entry;
        let program = match (step, bench, python) {
            (Some(step), None, None) => Program::Step(step),
            (None, Some(bench), None) => Program::Bench(bench),
            (None, None, Some(twin)) => Program::Python(twin),
            _ => return Err(format!("{name} needs a step, a bench, or a python")),
        };
        let Entry { check_args, status, files, timelines, plot, .. } = entry;
        Ok(Recording {
            name,
            program,
            gallery,
            args,
            release,
            any_order,
            parts,
            check_args,
            status,
            files,
            timelines,
            plot,
        })
    }
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
    let manifest: Manifest = toml::from_str(&files::read(&file)?)
        .with_context(|| format!("{} is not as expected", file.display()))?;
    let mut names = BTreeSet::new();
    for recording in &manifest.recording {
        let name = &recording.name;
        ensure!(names.insert(name), "{}: two recordings are called {name}", file.display());
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        ensure!(name.chars().all(plain), "{}: {name:?} makes no file name", file.display());
    }
    Ok(manifest.recording)
}

pub(super) fn manifest(root: &Path) -> PathBuf {
    root.join("book/recordings.toml")
}

impl Recording {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The example that is run, if it is one.
    pub(crate) fn step(&self) -> Option<&str> {
        match &self.program {
            Program::Step(step) => Some(step),
            Program::Bench(_) | Program::Python(_) => None,
        }
    }

    /// What the reader types after `--`.
    pub(crate) fn args(&self) -> &[String] {
        &self.args
    }

    /// Whether somebody has to serve the gallery for it.
    pub(crate) fn needs_gallery(&self) -> bool {
        self.gallery
    }

    /// Whether the reader types `--release`.
    pub(crate) fn is_release(&self) -> bool {
        self.release
    }

    /// What cargo is asked for, to build it.
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
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn recording(args: &[&str]) -> Recording {
        Recording {
            name: "03_imap".to_owned(),
            program: Program::Step("03_pool".to_owned()),
            gallery: false,
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            release: false,
            any_order: Vec::new(),
            parts: BTreeMap::new(),
            check_args: None,
            status: 0,
            files: Vec::new(),
            timelines: true,
            plot: true,
        }
    }

    #[test]
    fn the_command_is_what_the_reader_types() {
        assert_eq!(recording(&[]).command(), "$ cargo run --example 03_pool");
        let of = |program, args| Recording { program, ..recording(args) };
        let bench = of(Program::Bench("downloads".to_owned()), &[]);
        assert_eq!(bench.command(), "$ cargo bench --bench downloads");
        let python = of(Program::Python("03_pool".to_owned()), &["--kind", "processes"]);
        let command = "$ python3 examples/python/03_pool.py --kind processes";
        assert_eq!(python.command(), command);
        let cluster = of(Program::Step("11_cluster".to_owned()), &["status"]);
        assert_eq!(
            cluster.command(),
            "$ cargo run --features cluster --example 11_cluster -- status"
        );
        let release = Recording { release: true, ..recording(&["--workers", "4", "a b"]) };
        assert_eq!(
            release.command(),
            "$ cargo run --release --example 03_pool -- --workers 4 'a b'"
        );
        let paths = ["a", "b"].map(|folder| format!("{folder}/").repeat(20));
        let long = recording(&["--links", &paths[0], "--out", &paths[1]]);
        assert_eq!(
            long.command(),
            format!(
                "$ cargo run --example 03_pool -- \\\n    --links {} --out {}",
                paths[0], paths[1]
            )
        );
    }

    #[test]
    fn an_entry_is_one_of_step_bench_and_python() {
        let entry = |program: &str| {
            let text = format!("[[recording]]\nname = \"one\"\n{program}");
            toml::from_str::<Manifest>(&text).map(|manifest| manifest.recording[0].command())
        };
        assert_eq!(entry("bench = \"pool\"").unwrap(), "$ cargo bench --bench pool");
        for wrong in ["", "step = \"a\"\nbench = \"b\"", "step = \"a\"\npython = \"a\""] {
            let error = entry(wrong).unwrap_err().to_string();
            assert!(error.contains("one needs a step, a bench, or a python"), "{error}");
        }
    }
}
