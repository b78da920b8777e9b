//! Runs steps, and keeps what they printed and drew for the book.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use lessons::timeline::Trace;
use serde::Deserialize;
use steps::{Order, Step};

use crate::check::Problem;
use crate::files;

/// A trace that is larger than this is not kept: the book is no archive.
const SMALL: u64 = 200_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    recording: Vec<Recording>,
}

/// One entry of `book/recordings.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    /// The names of its files.
    name: String,
    /// The example that is run.
    step: String,
    /// What the reader types after `--`.
    #[serde(default)]
    args: Vec<String>,
    /// Whether the reader types `--release`.
    #[serde(default)]
    release: bool,
    /// Whether its lines come in any order.
    #[serde(default)]
    unordered: bool,
    /// What the check types instead, where the recorded run is too long for it.
    check_args: Option<Vec<String>>,
    /// How many seconds the run may take.
    #[serde(default = "two_minutes")]
    limit: u64,
}

fn two_minutes() -> u64 {
    120
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

fn manifest(root: &Path) -> PathBuf {
    root.join("book/recordings.toml")
}

/// `cargo book record`.
pub(crate) fn record(root: &Path, names: &[String], redraw: bool) -> anyhow::Result<()> {
    let all = recordings(root)?;
    for name in names {
        if !all.iter().any(|recording| recording.is_called(name)) {
            let known: Vec<&str> = all.iter().map(|recording| &*recording.name).collect();
            let file = manifest(root);
            bail!(
                "{} declares no recording {name}; there are: {}",
                file.display(),
                known.join(", ")
            );
        }
    }
    for recording in all {
        if names.is_empty() || names.iter().any(|name| recording.is_called(name)) {
            let kept = if redraw { recording.redraw(root) } else { recording.keep(root) };
            kept.with_context(|| format!("{} was not recorded", recording.name))?;
        }
    }
    Ok(())
}

/// What is wrong with the recordings, without running anything: those that were never made or whose
/// command has changed, pictures that would be drawn differently now, and files that nobody declares.
pub(crate) fn stale(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut expected = BTreeSet::new();
    for recording in recordings(root)? {
        let text = recording.text_file(root);
        let again = format!("type `cargo book record {}`", recording.name);
        match files::read(&text) {
            Err(_) => problems.push(Problem::new(root, &text, format!("missing: {again}"))),
            Ok(found) if found.lines().next() != Some(&recording.command()) => {
                let what = format!("not what `{}` printed: {again}", recording.command());
                problems.push(Problem::new(root, &text, what).line(1));
            }
            Ok(_) => (),
        }
        let folder = timelines(root);
        match Trace::read(&recording.trace_file(root)) {
            Ok(trace) => {
                for (name, content) in recording.figures(&trace) {
                    let file = folder.join(name);
                    if files::read(&file).ok().as_deref() != Some(&content) {
                        let what =
                            "not as it would be drawn now: type `cargo book record --redraw`";
                        problems.push(Problem::new(root, &file, what));
                    }
                    expected.insert(file);
                }
            }
            // A large trace is not kept, so the pictures are taken by their names.
            Err(_) => {
                let prefixes = [format!("{}.", recording.name), format!("{}-", recording.name)];
                for file in pictures(&folder)? {
                    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                        expected.insert(file);
                    }
                }
            }
        }
        expected.insert(text);
        expected.insert(recording.trace_file(root));
    }
    let mut found = files::with_extension(&root.join("book/src/recorded"), "txt")?;
    found.extend(pictures(&timelines(root))?);
    found.extend(files::with_extension(&timelines(root), "json")?);
    for file in found {
        if !expected.contains(&file) {
            let what = "no recording in book/recordings.toml makes this file: declare it, or remove the file";
            problems.push(Problem::new(root, &file, what));
        }
    }
    Ok(problems)
}

/// Runs every recording again. A difference is a problem.
pub(crate) fn untrue(root: &Path) -> anyhow::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for recording in recordings(root)? {
        let file = recording.text_file(root);
        let Ok(text) = files::read(&file) else { continue }; // `stale` says so
        let recorded = text.split_once('\n').map_or("", |(_, output)| output);
        let what = match recording.run(recording.check_args.as_ref().unwrap_or(&recording.args)) {
            Err(error) => format!("the step does not run any more: {error:#}"),
            Ok(run) => match recording.compare(recorded, &run.stdout) {
                Ok(()) => continue,
                Err(difference) => format!(
                    "a new run prints something else (type `cargo book record {}`):\n{difference}",
                    recording.name
                ),
            },
        };
        problems.push(Problem::new(root, &file, what));
    }
    Ok(problems)
}

impl Recording {
    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.step == name
    }

    /// What the reader types.
    fn command(&self) -> String {
        let mut line = "$ cargo run".to_owned();
        if self.release {
            line += " --release";
        }
        line += &format!(" --example {}", self.step);
        if !self.args.is_empty() {
            line += " --";
        }
        for arg in &self.args {
            let plain = |c: char| c.is_alphanumeric() || "-_=./:,@%+".contains(c);
            let _ = match arg.chars().all(plain) && !arg.is_empty() {
                true => write!(line, " {arg}"),
                false => write!(line, " '{arg}'"),
            };
        }
        line
    }

    fn run(&self, args: &[String]) -> anyhow::Result<steps::Run> {
        let run = Step::new(&self.step)
            .args(args)
            .release(self.release)
            .limit(Duration::from_secs(self.limit))
            .bare()
            .try_run()?;
        ensure!(run.status.success(), "it ended with {}:\n{}", run.status, run.stderr);
        Ok(run)
    }

    fn keep(&self, root: &Path) -> anyhow::Result<()> {
        println!("{}", self.command());
        let run = self.run(&self.args)?;
        let mut text = self.command() + "\n";
        for line in run.stdout.trim_end().lines() {
            text += line.trim_end();
            text.push('\n');
        }
        files::write(&self.text_file(root), &text)?;
        let trace = run.trace();
        self.draw(root, &trace)?;
        let kept = self.trace_file(root);
        std::fs::copy(run.timeline(), &kept)?;
        if kept.metadata()?.len() > SMALL {
            std::fs::remove_file(kept)?;
        }
        Ok(())
    }

    fn redraw(&self, root: &Path) -> anyhow::Result<()> {
        let file = self.trace_file(root);
        if !file.exists() {
            println!("{}: its trace was too large to keep, and cannot be drawn again", self.name);
            return Ok(());
        }
        self.draw(root, &Trace::read(&file)?)
    }

    /// Writes the pictures, and removes those of sections that are no more.
    fn draw(&self, root: &Path, trace: &Trace) -> anyhow::Result<()> {
        let folder = timelines(root);
        for (name, content) in self.figures(trace) {
            files::write(&folder.join(name), &content)?;
        }
        Ok(())
    }

    /// The files with the pictures of a trace: their names and what is in them.
    fn figures(&self, trace: &Trace) -> Vec<(String, String)> {
        let whole = trace.sections.is_empty();
        trace
            .parts()
            .iter()
            .flat_map(|part| {
                let name = match whole {
                    true => self.name.clone(),
                    false => format!("{}-{}", self.name, slug(&part.step)),
                };
                let figure = figure(&name, part);
                [(format!("{name}.html"), figure), (format!("{name}.svg"), part.svg())]
            })
            .collect()
    }

    fn compare(&self, recorded: &str, fresh: &str) -> Result<(), String> {
        let redact = match self.check_args {
            Some(_) => steps::redact_asked,
            None => steps::redact,
        };
        let order = if self.unordered { Order::Unordered } else { Order::Ordered };
        steps::compare(&redact(recorded), &redact(fresh), order)
    }

    fn text_file(&self, root: &Path) -> PathBuf {
        root.join("book/src/recorded").join(format!("{}.txt", self.name))
    }

    fn trace_file(&self, root: &Path) -> PathBuf {
        timelines(root).join(format!("{}.json", self.name))
    }
}

fn timelines(root: &Path) -> PathBuf {
    root.join("book/src/timelines")
}

fn pictures(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = files::with_extension(folder, "html")?;
    found.extend(files::with_extension(folder, "svg")?);
    Ok(found)
}

/// What a chapter includes. No blank line: Markdown would end the block there.
fn figure(name: &str, part: &Trace) -> String {
    format!(
        "<figure class=\"timeline\" data-recording=\"{name}\">\n{}{}</figure>\n",
        part.svg(),
        part.table()
    )
}

/// The name of a section, for a file.
fn slug(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let mapped: String = text.chars().map(plain).collect();
    let words: Vec<&str> = mapped.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(args: &[&str]) -> Recording {
        Recording {
            name: "03_imap".to_owned(),
            step: "03_pool".to_owned(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            release: false,
            unordered: false,
            check_args: None,
            limit: 1,
        }
    }

    #[test]
    fn the_command_is_what_the_reader_types() {
        assert_eq!(recording(&[]).command(), "$ cargo run --example 03_pool");
        let release = Recording { release: true, ..recording(&["--workers", "4", "a b"]) };
        assert_eq!(
            release.command(),
            "$ cargo run --release --example 03_pool -- --workers 4 'a b'"
        );
    }

    #[test]
    fn what_was_asked_counts_unless_the_check_asks_for_something_else() {
        let (four, three) = ("Sleeping 4 second(s)...\n", "Sleeping 3 second(s)...\n");
        assert!(recording(&[]).compare(four, three).is_err());
        let quick = Recording { check_args: Some(Vec::new()), ..recording(&[]) };
        assert!(quick.compare(four, three).is_ok());
        let (slow, fast) = ("Finished in 12.01 second(s)", "Finished in 9.98 second(s)");
        assert!(recording(&[]).compare(slow, fast).is_ok());
    }

    #[test]
    fn a_section_makes_a_file_name() {
        assert_eq!(slug("imap, chunk size 2"), "imap-chunk-size-2");
        assert_eq!(slug("thread-pool"), "thread-pool");
    }
}
