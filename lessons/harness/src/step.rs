//! A step to run: an example with its arguments, and its surroundings.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, io};

use crate::cargo::{example, root};
use crate::child::Child;
use crate::run::{Files, Run, Running};
use crate::wait::HANGS;

/// A step to run: an example of this workspace, with its arguments.
///
/// It runs in the root of the workspace, where a reader runs it. Its trace goes to a temporary
/// folder, and so do the results and the report of the steps that have them (08 and later):
/// `--timeline`, `--out` and `--report` are added unless they are among the arguments. A
/// [`bare`](Step::bare) run gets no flags.
#[derive(Clone, Debug, Default)]
pub struct Step {
    name: String,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    release: bool,
    bare: bool,
    copies: Vec<PathBuf>,
    texts: Vec<(PathBuf, String)>,
    python: Option<OsString>,
    through: Vec<String>,
    limit: Duration,
}

impl Step {
    /// The step with this name: `03_pool`.
    pub fn new(name: impl Into<String>) -> Self {
        Step { name: name.into(), limit: HANGS, ..Step::default() }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable for the run.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// If `release` is true, runs the step as `cargo run --release` would.
    pub fn release(mut self, release: bool) -> Self {
        self.release = release;
        self
    }

    /// Adds no flags, and runs in a new folder of its own instead of the workspace. The step then
    /// prints what a reader sees, and finds nothing that an earlier run has left, except for the
    /// pictures of the gallery, because these take long to paint.
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Copies this file of the workspace into the folder of a bare run, at the same path.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.copies.push(path.into());
        self
    }

    /// Puts a file with this text into the folder of a bare run.
    pub fn text(mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        self.texts.push((path.into(), text.into()));
        self
    }

    /// Runs the Python twin of the step instead, `examples/python/NAME.py`, with this interpreter.
    /// It prints line by line, as it would in a terminal.
    pub fn in_python(mut self, interpreter: impl Into<OsString>) -> Self {
        self.python = Some(interpreter.into());
        self
    }

    /// Lets another command run the step: `ip netns exec …`. It gets the program and its arguments.
    pub fn through(mut self, command: &[&str]) -> Self {
        self.through = command.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Gives it a standard output whose reader has gone.
    pub fn unread(self) -> Self {
        self.through(&["bash", "-c", r#"exec 3> >(:); wait $!; exec "$0" "$@" >&3 3>&-"#])
    }

    /// Gives it a standard output on a disk that is full.
    pub fn on_a_full_disk(self) -> Self {
        self.through(&["bash", "-c", r#"exec "$0" "$@" >/dev/full"#])
    }

    /// How long the run may take, without its build. [`HANGS`] by default.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Builds the step and runs it to its end.
    ///
    /// # Panics
    ///
    /// If it doesn't build, doesn't start, or doesn't end in time: then it is killed, and the
    /// message holds what it had printed by then. A step that ends with an exit code other than 0
    /// is no reason to panic: see [`Run::status`].
    #[track_caller]
    pub fn run(self) -> Run {
        self.try_run().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Builds the step and runs it to its end.
    ///
    /// # Errors
    ///
    /// Where [`run`](Step::run) panics. If the run was killed because it took too long, the error
    /// is [`TimedOut`](io::ErrorKind::TimedOut).
    pub fn try_run(self) -> io::Result<Run> {
        self.try_start()?.try_wait()
    }

    /// Builds the step and starts it, for a test that does something to it while it runs.
    ///
    /// # Panics
    ///
    /// If it doesn't build or doesn't start.
    #[track_caller]
    pub fn start(self) -> Running {
        self.try_start().unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_start(self) -> io::Result<Running> {
        let program = match &self.python {
            Some(interpreter) => interpreter.into(),
            None => example(&self.name, self.release)?,
        };
        self.start_program(&program)
    }

    pub(crate) fn run_program(self, program: &Path) -> io::Result<Run> {
        self.start_program(program)?.try_wait()
    }

    pub(crate) fn start_program(self, program: &Path) -> io::Result<Running> {
        let folder = tempfile::tempdir()?;
        let mut command = self.command(program);
        if self.python.is_some() {
            self.add_twin(&mut command, folder.path())?;
        }
        let home = if self.bare { folder.path() } else { root() };
        if self.bare {
            self.furnish(home)?;
        }
        command.current_dir(home).args(&self.args).envs(self.env.iter().cloned());
        let files = self.add_files(&mut command, home, folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = Child::start(&mut command)?;
        let described = format!("{} {:?}", self.name, self.args);
        Ok(Running::new(described, child, self.limit, files, folder))
    }

    /// The program, or the command that runs it.
    fn command(&self, program: &Path) -> Command {
        let Some((other, words)) = self.through.split_first() else { return Command::new(program) };
        let mut command = Command::new(other);
        command.args(words).arg(program);
        command
    }

    /// Adds the script, and has Python print line by line.
    fn add_twin(&self, command: &mut Command, folder: &Path) -> io::Result<()> {
        // Python reads this file when it starts, and so do the processes that a twin starts.
        let site = folder.join("target/python");
        fs::create_dir_all(&site)?;
        let line_by_line = "import sys\nsys.stdout.reconfigure(line_buffering=True)\n";
        fs::write(site.join("sitecustomize.py"), line_by_line)?;
        command.env("PYTHONPATH", site).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env_remove("PYTHONUNBUFFERED"); // it would tear lines apart
        command.arg(root().join("examples/python").join(&self.name).with_extension("py"));
        Ok(())
    }

    /// Puts everything that a bare run should find into its folder.
    fn furnish(&self, home: &Path) -> io::Result<()> {
        // It shares the painted pictures with the workspace.
        let gallery = root().join("target/gallery");
        fs::create_dir_all(&gallery)?;
        fs::create_dir_all(home.join("target"))?;
        std::os::unix::fs::symlink(gallery, home.join("target/gallery"))?;
        for file in &self.copies {
            let copy = home.join(file);
            copy.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::copy(root().join(file), copy)?;
        }
        for (file, text) in &self.texts {
            fs::write(home.join(file), text)?;
        }
        Ok(())
    }

    /// Adds flags that send the step's files to the folder, unless there are such flags or the run
    /// is bare.
    fn add_files(&self, command: &mut Command, home: &Path, folder: &Path) -> Files {
        let mut file = |flag: &str, ours: &str, default: &str| {
            if let Some(given) = self.value(flag) {
                return home.join(given);
            }
            if self.bare {
                return home.join(default);
            }
            let file = folder.join(ours);
            command.arg(flag).arg(&file);
            file
        };
        let name = self.name.as_str();
        let trace = format!("target/timelines/{name}.json");
        let timeline = file("--timeline", "timeline.json", &trace);
        if name < "08" {
            return Files { timeline, out: folder.join("out"), report: None };
        }
        let images = if name < "09" { "images" } else { "processed-images" };
        let out = file("--out", "out", images);
        let report = Some(file("--report", "report.json", "report.json"));
        Files { timeline, out, report }
    }

    /// What follows this flag among the arguments.
    fn value(&self, flag: &str) -> Option<&OsString> {
        let mut args = self.args.iter();
        args.find(|arg| *arg == flag)?;
        args.next()
    }
}

#[cfg(test)]
mod tests;
