//! Runs what is recorded: a step, a benchmark, or a step's twin in Python.

use std::mem::take;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::ensure;
use harness::{Python, Step};

use super::manifest::{Program, Recording};
use crate::files;

/// A run that takes longer than this has hung. (A busy machine takes many times as long as a quiet
/// one.)
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What a run has left behind.
pub(super) struct Ran {
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// The Python that ran it, if it is a twin.
    pub(super) python: Option<Python>,
    /// Where its trace is, if it wrote one, and its plot.
    pub(super) timeline: PathBuf,
    pub(super) plot: PathBuf,
    /// Holds the folder of a step or a twin, which goes with it.
    run: Option<harness::Run>,
}

impl Ran {
    /// The folder that it ran in, unless that was the workspace.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.run.as_ref().map(harness::Run::folder)
    }
}

impl Recording {
    /// Runs it with these arguments. `None` if it is a twin, and the Python that it needs is
    /// missing.
    pub(super) fn run(&self, args: &[String], release: bool) -> anyhow::Result<Option<Ran>> {
        let (step, python) = match &self.program {
            Program::Step(step) => (Step::new(step).release(release), None),
            Program::Bench(bench) => return self.run_bench(bench).map(Some),
            Program::Python(twin) => {
                let Some(python) = harness::python_for(twin) else { return Ok(None) };
                (Step::new(twin).in_python(&python.program), Some(python))
            }
        };
        let mut run = self.finish(step, args, release)?;
        Ok(Some(Ran {
            stdout: take(&mut run.stdout),
            stderr: take(&mut run.stderr),
            python,
            timeline: run.timeline().to_owned(),
            plot: run.folder().join(self.plot()),
            run: Some(run),
        }))
    }

    fn finish(&self, step: Step, args: &[String], release: bool) -> anyhow::Result<harness::Run> {
        let mut step = step.args(args).limit(LIMIT).bare();
        let _gallery; // it serves until the run has ended
        if self.gallery {
            let folder = tempfile::tempdir()?;
            let links = folder.path().join("links.txt");
            let gallery = Step::new("gallery").release(release).bare();
            let gallery = gallery.arg("--links").arg(&links).start();
            harness::wait_for("the gallery", || gallery.stdout().contains("Ctrl-C").then_some(()));
            step = step.text("links.txt", files::read(&links)?);
            _gallery = gallery;
        }
        let run = self.files.iter().fold(step, Step::file).try_run()?;
        let expected = run.status.code() == Some(self.status);
        ensure!(expected, "it ended with {}:\n{}", run.status, run.stderr);
        Ok(run)
    }

    /// Where a program leaves its plot, from the folder that it runs in.
    fn plot(&self) -> PathBuf {
        format!("target/plots/{}.json", self.program.name()).into()
    }

    /// A benchmark may take as long as it likes.
    fn run_bench(&self, bench: &str) -> anyhow::Result<Ran> {
        let plot = harness::root().join(self.plot());
        let _ = std::fs::remove_file(&plot); // an earlier run's
        let mut command = harness::cargo();
        command.args(["bench", "--quiet"]);
        command.args(self.features().iter().flat_map(|feature| ["--features", feature]));
        command.args(["--bench", bench]);
        if !self.args.is_empty() {
            command.arg("--").args(&self.args);
        }
        let output = command.output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        ensure!(output.status.success(), "it ended with {}:\n{stderr}", output.status);
        let timeline = PathBuf::new(); // it has none
        Ok(Ran { stdout, stderr, python: None, timeline, plot, run: None })
    }
}
