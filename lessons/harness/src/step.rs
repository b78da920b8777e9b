//! One run of one step.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::mem::take;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hands::timeline::Trace;
use tempfile::TempDir;

/// What has not come after this time never will. No test waits so long on a machine that is only busy.
pub const HANGS: Duration = Duration::from_secs(600);

/// A step to run: an example of this workspace, with its arguments.
///
/// It runs in the workspace's root, where a reader runs it. Its trace goes to a temporary folder, and
/// so do the results and the report of the steps that have them (08 and later): `--timeline`, `--out`
/// and `--report` are added unless they are among the arguments. [`bare`](Step::bare) adds nothing.
#[derive(Clone, Debug)]
pub struct Step {
    name: String,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    release: bool,
    bare: bool,
    files: Vec<PathBuf>,
    texts: Vec<(PathBuf, String)>,
    python: Option<OsString>,
    through: Vec<String>,
    limit: Duration,
}

impl Step {
    /// The step of this name: `03_pool`.
    pub fn new(name: impl Into<String>) -> Self {
        Step {
            name: name.into(),
            args: Vec::new(),
            env: Vec::new(),
            release: false,
            bare: false,
            files: Vec::new(),
            texts: Vec::new(),
            python: None,
            through: Vec::new(),
            limit: HANGS,
        }
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

    /// Runs the step as `cargo run --release` would, if `release` is true.
    pub fn release(mut self, release: bool) -> Self {
        self.release = release;
        self
    }

    /// Adds no flags, and runs in a new folder of its own instead of the workspace: the step then
    /// prints what a reader sees, and finds nothing that an earlier run has left, but for the pictures of the
    /// gallery, which take long to paint.
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Puts a copy of this file of the workspace, at the same path, into the folder of a bare run.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.push(path.into());
        self
    }

    /// Puts a file with this text into the folder of a bare run.
    pub fn text(mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        self.texts.push((path.into(), text.into()));
        self
    }

    /// Runs the step's twin in Python instead, `examples/python/NAME.py`, with this interpreter. It prints
    /// line by line, as in a terminal.
    pub fn in_python(mut self, interpreter: impl Into<OsString>) -> Self {
        self.python = Some(interpreter.into());
        self
    }

    /// Has it run by another command, which gets its program and its arguments: `ip netns exec …`.
    pub fn through(mut self, command: &[&str]) -> Self {
        self.through = command.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Gives it a standard output that nobody reads any more.
    pub fn unread(self) -> Self {
        self.through(&["bash", "-c", r#"exec 3> >(:); wait $!; exec "$0" "$@" >&3 3>&-"#])
    }

    /// Gives it a standard output on a disk that is full.
    pub fn on_a_full_disk(self) -> Self {
        self.through(&["bash", "-c", r#"exec "$0" "$@" >/dev/full"#])
    }

    /// How long the run may take, its build not counted. Without it, [`HANGS`].
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Builds the step and runs it to its end.
    ///
    /// # Panics
    ///
    /// If it does not build, does not start, or does not end in time: then it is killed, and the
    /// message holds what it printed so far. An exit code other than 0 is no panic: see
    /// [`Run::status`].
    #[track_caller]
    pub fn run(self) -> Run {
        self.try_run().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Builds the step and runs it to its end.
    ///
    /// # Errors
    ///
    /// Where [`run`](Step::run) panics. A run that was killed because it took too long is
    /// [`TimedOut`](io::ErrorKind::TimedOut).
    pub fn try_run(self) -> io::Result<Run> {
        let program = self.program()?;
        self.run_program(&program)
    }

    /// What is started: the step, built, or the interpreter of its twin.
    fn program(&self) -> io::Result<PathBuf> {
        match &self.python {
            Some(interpreter) => Ok(interpreter.into()),
            None => build(&self.name, self.release),
        }
    }

    /// Builds the step and starts it: for a test that does something to it while it runs.
    ///
    /// # Panics
    ///
    /// If it does not build or does not start.
    #[track_caller]
    pub fn start(self) -> Running {
        let started = self.program().and_then(|program| self.start_program(&program));
        started.unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn run_program(self, program: &Path) -> io::Result<Run> {
        self.start_program(program)?.try_wait()
    }

    pub(crate) fn start_program(self, program: &Path) -> io::Result<Running> {
        let folder = tempfile::tempdir()?;
        let home = if self.bare { folder.path() } else { root() };
        if self.bare {
            lend_gallery(home)?;
        }
        for file in self.files.iter().filter(|_| self.bare) {
            let copy = home.join(file);
            copy.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::copy(root().join(file), copy)?;
        }
        for (file, text) in self.texts.iter().filter(|_| self.bare) {
            std::fs::write(home.join(file), text)?;
        }
        let mut command = match self.through.split_first() {
            Some((by, words)) => {
                let mut command = Command::new(by);
                command.args(words).arg(program);
                command
            }
            None => Command::new(program),
        };
        if self.python.is_some() {
            // Python reads this file when it starts, and so do the processes that a twin starts.
            let site = folder.path().join("target/python");
            std::fs::create_dir_all(&site)?;
            let line_by_line = "import sys\nsys.stdout.reconfigure(line_buffering=True)\n";
            std::fs::write(site.join("sitecustomize.py"), line_by_line)?;
            command.env("PYTHONPATH", site).env("PYTHONDONTWRITEBYTECODE", "1");
            command.env_remove("PYTHONUNBUFFERED"); // it would take lines apart
            command.arg(root().join("examples/python").join(&self.name).with_extension("py"));
        }
        command.current_dir(home).args(&self.args).envs(self.env.iter().cloned());
        // Where the step finds or puts a file: as it was told, or as it does when it is told nothing.
        let mut file = |flag: &str, ours: &str, default: &str| match self.value_of(flag) {
            Some(given) => home.join(given),
            None if self.bare => home.join(default),
            None => {
                let file = folder.path().join(ours);
                command.arg(flag).arg(&file);
                file
            }
        };
        let trace = format!("target/timelines/{}.json", self.name);
        let timeline = file("--timeline", "timeline.json", &trace);
        let saves = self.name.as_str() >= "08";
        let images = if self.name.as_str() < "09" { "images" } else { "processed-images" };
        let (out, report) = if saves {
            (file("--out", "out", images), Some(file("--report", "report.json", "report.json")))
        } else {
            (folder.path().join("out"), None)
        };

        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        in_own_group(&mut command);
        let deadline = Instant::now() + self.limit;
        let mut child = command.spawn().map_err(|error| {
            io::Error::new(error.kind(), format!("{} cannot be started: {error}", self.name))
        })?;
        let stdout = Output::of(child.stdout.take());
        let stderr = Output::of(child.stderr.take());
        Ok(Running {
            step: self,
            child,
            stdout,
            stderr,
            deadline,
            timeline,
            out,
            report,
            folder: Some(folder),
        })
    }

    /// What follows this flag among the arguments.
    fn value_of(&self, flag: &str) -> Option<&OsString> {
        let mut args = self.args.iter();
        args.find(|arg| *arg == flag)?;
        args.next()
    }
}

/// A step that runs. It is killed, with all that it has started, if this is dropped.
pub struct Running {
    step: Step,
    child: Child,
    stdout: Output,
    stderr: Output,
    deadline: Instant,
    timeline: PathBuf,
    out: PathBuf,
    report: Option<PathBuf>,
    folder: Option<TempDir>,
}

impl Running {
    /// The process that it is.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// If it does not end in time.
    #[track_caller]
    pub fn wait(self) -> Run {
        self.try_wait().unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_wait(mut self) -> io::Result<Run> {
        let status = wait(&mut self.child, self.deadline)?;
        // Its output may be held open by a process that it left behind; that one is not awaited.
        let rest = if status.is_some() { Duration::from_secs(5) } else { Duration::from_secs(1) };
        let open = !(self.stdout.ended(rest) & self.stderr.ended(rest));
        let (stdout, stderr) = (self.stdout.text(), self.stderr.text());
        let problem = match status {
            Some(status) if !open => {
                return Ok(Run {
                    status,
                    stdout,
                    stderr,
                    pid: self.child.id(),
                    timeline: take(&mut self.timeline),
                    out: take(&mut self.out),
                    report: self.report.take(),
                    folder: self.folder.take().expect("it is there until the end"),
                });
            }
            Some(_) => "left a process behind that holds its output open".to_owned(),
            None => format!("did not end within {:?}, and was killed", self.step.limit),
        };
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!(
                "{} {:?} {problem}\n--- what it printed:\n{stdout}\n--- and on stderr:\n{stderr}",
                self.step.name, self.step.args
            ),
        ))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.folder.is_some() {
            kill(&mut self.child); // nobody has seen it end
        }
    }
}

/// Looks again and again until there is what a test waits for.
///
/// # Panics
///
/// If it does not come within [`HANGS`].
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < HANGS, "{what} never came");
        thread::sleep(Duration::from_millis(5));
    }
}

/// What a step left behind. Its temporary files go when this is dropped.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
    /// The process that it was.
    pub pid: u32,
    timeline: PathBuf,
    out: PathBuf,
    report: Option<PathBuf>,
    folder: TempDir,
}

impl Run {
    /// What ran when.
    ///
    /// # Panics
    ///
    /// If the step has written no trace. The message holds what it printed.
    #[track_caller]
    pub fn trace(&self) -> Trace {
        Trace::read(&self.timeline).unwrap_or_else(|error| {
            panic!("{error}\n--- stdout:\n{}\n--- stderr:\n{}", self.stdout, self.stderr)
        })
    }

    /// The JSON report, of a step that writes one.
    ///
    /// # Panics
    ///
    /// If the report is no JSON.
    #[track_caller]
    pub fn report(&self) -> Option<serde_json::Value> {
        let json = std::fs::read(self.report.as_ref()?).ok()?;
        Some(serde_json::from_slice(&json).expect("a report in JSON"))
    }

    /// Where the trace was written.
    pub fn timeline(&self) -> &Path {
        &self.timeline
    }

    /// Where the step was told to put its results.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// A folder of this run alone, which goes with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Lets a run in another folder find the painted pictures of the workspace, or leave them there.
fn lend_gallery(home: &Path) -> io::Result<()> {
    let (ours, lent) = (root().join("target/gallery"), home.join("target/gallery"));
    std::fs::create_dir_all(&ours)?;
    std::fs::create_dir_all(home.join("target"))?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(ours, lent)?;
    #[cfg(not(unix))]
    let _ = (ours, lent); // there it paints its own
    Ok(())
}

/// The folder of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("lessons/harness lies in the workspace")
}

/// A variable with flags for cargo. `tests/run` says there what it builds the tests with: their steps are built
/// already then, and not once more with the features that they would have on their own.
const FLAGS: &str = "STEPS_BUILT_WITH";

/// Builds an example, once in this process, and says where it is.
fn build(example: &str, release: bool) -> io::Result<PathBuf> {
    static BUILT: Mutex<Option<HashMap<(String, bool), PathBuf>>> = Mutex::new(None);
    // Held while it builds: a second test that wants the same waits for it.
    let mut guard = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let built = guard.get_or_insert_default();
    let key = (example.to_owned(), release);
    if let Some(program) = built.get(&key) {
        return Ok(program.clone());
    }
    let mut command = cargo();
    command
        .args(["build", "--quiet", "--example", example])
        .args(release.then_some("--release"))
        .args(features(example).iter().flat_map(|feature| ["--features", feature]))
        .args(std::env::var(FLAGS).unwrap_or_default().split_whitespace())
        .arg("--message-format=json-render-diagnostics");
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "{example} does not build:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    let program = executable(&String::from_utf8_lossy(&output.stdout), example)
        .ok_or_else(|| io::Error::other(format!("cargo has built no program for {example}")))?;
    built.insert(key, program.clone());
    Ok(program)
}

/// The features that the reader asks cargo for to build this example or benchmark. Only the last step needs one.
pub fn features(target: &str) -> &'static [&'static str] {
    if target.ends_with("cluster") { &["cluster"] } else { &[] }
}

/// Cargo, in the workspace's root, as a reader would call it.
pub fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root()).stdin(Stdio::null());
    // Cargo tells a test about its package in variables that build scripts look at: left in place,
    // they make each build believe that something has changed.
    for (name, _) in std::env::vars_os() {
        let theirs = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_"];
        if theirs.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// Finds the program among the messages of a build, one JSON object a line.
pub fn executable(messages: &str, example: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == example)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

/// Reads a pipe to its end on a thread of its own, so that it never fills.
struct Output {
    text: Arc<Mutex<Vec<u8>>>,
    end: Receiver<()>,
}

impl Output {
    fn of(pipe: Option<impl Read + Send + 'static>) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let (ended, end) = channel::<()>();
        let filled = Arc::clone(&text);
        thread::spawn(move || {
            let _ended = ended; // dropped at the end: that is the message
            let mut pipe = pipe.expect("the pipe was asked for");
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                filled.lock().unwrap_or_else(PoisonError::into_inner).extend(&buffer[..n]);
            }
        });
        Output { text, end }
    }

    fn ended(&mut self, within: Duration) -> bool {
        use std::sync::mpsc::RecvTimeoutError::Disconnected;
        matches!(self.end.recv_timeout(within), Err(Disconnected) | Ok(()))
    }

    fn text(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// Waits for the end of the child. At the deadline it is killed, and there is no status.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            kill(child);
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// So that what the step has started can be killed with it.
fn in_own_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn shell(script: &str) -> (tempfile::TempDir, PathBuf) {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("step");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        (folder, program)
    }

    #[cfg(unix)]
    #[test]
    fn a_run_that_hangs_is_killed_with_what_it_started_and_reported() {
        let (_folder, program) = shell("echo before; sleep 1000 & wait");
        let step = Step::new("02_hangs").limit(Duration::from_millis(200));
        let start = Instant::now();
        let error = step.run_program(&program).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(error.to_string().contains("was killed"), "{error}");
        assert!(error.to_string().contains("before"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[cfg(unix)]
    #[test]
    fn both_outputs_and_the_status_come_back_whatever_their_size() {
        let (_folder, program) = shell("seq 1 100000; seq 1 100000 >&2; exit 3");
        let run = Step::new("02_talks").run_program(&program).unwrap();
        assert_eq!(run.status.code(), Some(3));
        assert_eq!((run.stdout.lines().count(), run.stderr.lines().count()), (100_000, 100_000));
    }

    #[cfg(unix)]
    #[test]
    fn files_go_to_a_folder_that_goes_with_the_run() {
        let (_folder, program) = shell("echo \"$@\"");
        let run = Step::new("03_early").args(["--seconds", "2"]).run_program(&program).unwrap();
        let timeline = run.timeline().display();
        assert_eq!(run.stdout, format!("--seconds 2 --timeline {timeline}\n"));
        let run = Step::new("09_late").run_program(&program).unwrap();
        let folder = run.folder().to_owned();
        let at = folder.display();
        assert_eq!(
            run.stdout,
            format!("--timeline {at}/timeline.json --out {at}/out --report {at}/report.json\n")
        );
        assert!(run.report().is_none());
        drop(run);
        assert!(!folder.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_bare_run_gets_no_flags_and_a_folder_of_its_own() {
        let (_folder, program) = shell("echo \"$@\"; pwd");
        let run = Step::new("09_late").bare().arg("--nasa").run_program(&program).unwrap();
        let folder = run.folder().canonicalize().unwrap();
        assert_eq!(run.stdout, format!("--nasa\n{}\n", folder.display()));
        assert_eq!(run.timeline(), run.folder().join("target/timelines/09_late.json"));
    }

    #[cfg(unix)]
    #[test]
    fn a_twin_in_python_prints_whole_lines_as_it_goes() {
        let python =
            crate::python_for("01_sync").expect("python3 is installed: ./tests/run sees to it");
        let twin =
            Step::new("01_sync").in_python(python.program).bare().args(["--seconds", "60"]).start();
        wait_for("the first line", || {
            (twin.stdout() == "Sleeping 60 second(s)...\n").then_some(())
        });
    }

    #[test]
    fn a_flag_that_was_given_is_not_given_twice() {
        let step = Step::new("01").args(["--timeline", "here.json"]);
        assert_eq!(step.value_of("--timeline").unwrap(), "here.json");
        assert_eq!(step.value_of("--out"), None);
    }

    #[test]
    fn a_step_that_does_not_exist_is_an_error_that_names_it() {
        let error = Step::new("00_nothing").try_run().unwrap_err();
        assert!(error.to_string().contains("00_nothing"), "{error}");
    }
}
