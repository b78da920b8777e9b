//! Runs what is recorded: a step, a benchmark, or a twin in Python.

use std::time::Duration;

use anyhow::ensure;
use harness::{Python, Step};

use crate::files;

use super::Recording;
use super::manifest::Program;

/// A run that has hung is ended after this time. A busy machine takes many times as long as a quiet one.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What a run has left.
pub(super) struct Ran {
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// Which Python it was, if it was one.
    pub(super) python: Option<Python>,
    /// The run of a step or a twin, with its folder and its trace.
    pub(super) step: Option<harness::Run>,
}

impl Recording {
    /// Runs it with these arguments. `None`, if it is a twin and its Python is not here.
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
        let (stdout, stderr) = (std::mem::take(&mut run.stdout), std::mem::take(&mut run.stderr));
        Ok(Some(Ran { stdout, stderr, python, step: Some(run) }))
    }

    fn finish(&self, step: Step, args: &[String], release: bool) -> anyhow::Result<harness::Run> {
        let mut step = step.args(args).limit(LIMIT).bare();
        let _gallery; // serves until the run has ended
        if self.gallery {
            let folder = tempfile::tempdir()?;
            let links = folder.path().join("links.txt");
            let gallery = Step::new("gallery").release(release).bare();
            let gallery = gallery.arg("--links").arg(&links).start();
            harness::wait_for("the gallery", || gallery.stdout().contains("Ctrl-C").then_some(()));
            step = step.text("links.txt", files::read(&links)?);
            _gallery = gallery;
        }
        let run = self.files.iter().fold(step, |step, file| step.file(file)).try_run()?;
        let expected = run.status.code() == Some(self.status);
        ensure!(expected, "it ended with {}:\n{}", run.status, run.stderr);
        Ok(run)
    }

    /// A benchmark has as long as it likes.
    fn run_bench(&self, bench: &str) -> anyhow::Result<Ran> {
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
        Ok(Ran { stdout, stderr, python: None, step: None })
    }
}
