//! Doors, journals, children: for tests that watch other processes.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use harness::{Child, HANGS, Output};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, test_kill_process, waitid,
};
use tempfile::TempDir;

pub(crate) use harness::{is_alive, wait_until};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A folder for the doors and journals of one test.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Place(tempfile::tempdir().expect("a folder among the temporary files"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A door that processes wait at until it is opened.
    pub(crate) fn door(&self, name: &str) -> PathBuf {
        self.path(name)
    }
}

pub(crate) fn open(door: &Path) {
    fs::write(door, "").expect("the door can be opened");
}

#[track_caller]
pub(crate) fn pass(door: &Path) {
    wait_until(&format!("{} to open", door.display()), || door.exists());
}

/// Appends a line to a file that many processes write to.
pub(crate) fn note(journal: &Path, line: impl std::fmt::Display) {
    let mut file = OpenOptions::new().append(true).create(true).open(journal).expect("a journal");
    file.write_all(format!("{line}\n").as_bytes()).expect("a line in the journal");
}

/// The lines of a journal, each of them a number.
pub(crate) fn numbers_in(journal: &Path) -> Vec<usize> {
    let text = fs::read_to_string(journal).unwrap_or_default();
    text.lines().map(|line| line.parse().expect("a number")).collect()
}

/// Counts what is taken from `inputs`.
pub(crate) fn counted<I: Iterator>(inputs: I) -> (impl Iterator<Item = I::Item>, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    (inputs.inspect(move |_| _ = counter.fetch_add(1, SeqCst)), taken)
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(number as i32).expect("no process has the number 0")
}

pub(crate) fn send_signal(process: u32, signal: Signal) {
    let _ = kill_process(pid(process), signal); // it may be dead already
}

pub(crate) fn kill_9(process: u32) {
    send_signal(process, Signal::KILL);
}

/// Whether nothing is left of the process: it is dead, and its parent has been told.
pub(crate) fn is_gone(process: u32) -> bool {
    test_kill_process(pid(process)).is_err()
}

/// Whether this process has no children: none that lives, and none that nobody has waited for.
pub(crate) fn is_childless() -> bool {
    let how = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::All, how).is_err_and(|error| error == Errno::CHILD)
}

/// This program, to be started again.
pub(crate) fn again() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the test knows where it is"));
    command.stdin(Stdio::null());
    command
}

/// As [`program`], and Ctrl-C ends it. A background job of a script ignores Ctrl-C, and so does
/// everything that it starts.
pub(crate) fn interruptible_program(name: &str) -> Command {
    let program = program(name);
    if cfg!(not(target_os = "linux")) {
        return program;
    }
    let mut command = Command::new("env");
    command.arg("--default-signal=INT").arg(program.get_program()).args(program.get_args());
    command.stdin(Stdio::null());
    command
}

/// This test program, started again as the program `name`. See [`crate::programs`].
pub(crate) fn program(name: &str) -> Command {
    let mut command = again();
    command.args(["--program", name]);
    command
}

/// What a program has said, and how it ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program to its end, which must come soon.
pub(crate) fn run(command: &mut Command) -> Result<Ended> {
    let mut child = Child::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (stdout, stderr) = (Output::capture(child.stdout()), Output::capture(child.stderr()));
    let status = child.wait(HANGS)?.ok_or_else(|| format!("{command:?} does not end"))?;
    assert!(stdout.ends_within(HANGS) && stderr.ends_within(HANGS), "{command:?} is still heard");
    Ok(Ended { status, stdout: stdout.text(), stderr: stderr.text() })
}

/// Its standard output, if it ends well.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let Ended { status, stdout, stderr } = run(command)?;
    if !status.success() {
        return Err(format!("{command:?}: {status}\n{stdout}\n{stderr}").into());
    }
    Ok(stdout)
}
