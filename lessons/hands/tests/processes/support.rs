//! Doors, journals, children: for tests that watch other processes.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How long something that should happen soon may take. It's far more than it ever takes, even on a
/// busy machine.
const DEADLINE: Duration = Duration::from_secs(180);

/// Waits until it is true.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited {DEADLINE:?} in vain: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

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

/// Whether the process can still do anything. A dead one that hasn't been waited for can't.
pub(crate) fn is_alive(process: u32) -> bool {
    match fs::read_to_string(format!("/proc/{process}/stat")) {
        // The first thread may be dead before the others.
        Ok(stat) => {
            !after_name(&stat).trim_start().starts_with(['Z', 'X'])
                || fs::read_dir(format!("/proc/{process}/task")).is_ok_and(|t| t.count() > 1)
        }
        Err(_) if Path::new("/proc/self/stat").exists() => false,
        Err(_) => {
            let ps = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output();
            let state = ps.map(|ps| String::from_utf8_lossy(&ps.stdout).trim().to_owned());
            state.is_ok_and(|state| !state.is_empty() && !state.starts_with('Z'))
        }
    }
}

/// Whether nothing is left of the process: it is dead, and its parent has been told.
pub(crate) fn is_gone(process: u32) -> bool {
    test_kill_process(pid(process)).is_err()
}

/// What follows the name in a line of `/proc/PID/stat`: state, parent, and more.
fn after_name(stat: &str) -> &str {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest)
}

/// The processes that this one has started but not waited for.
pub(crate) fn children() -> Vec<u32> {
    let me = std::process::id().to_string();
    let Ok(processes) = fs::read_dir("/proc") else {
        let all = Command::new("ps").args(["-axo", "pid=,ppid="]).output().expect("ps runs");
        let all = String::from_utf8_lossy(&all.stdout).into_owned();
        let pair = |line: &str| {
            let mut words = line.split_whitespace().map(str::to_owned);
            Some((words.next()?, words.next()?))
        };
        let mine = all.lines().filter_map(pair).filter(|(_, parent)| *parent == me);
        return mine.filter_map(|(child, _)| child.parse().ok()).collect();
    };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process: &u32| {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            after_name(&stat).split_whitespace().nth(1) == Some(&me)
        })
        .collect()
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

/// Runs the program to its end, which must come soon.
pub(crate) fn run(command: &mut Command) -> Result<Output> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // Its output is read meanwhile, because otherwise it would wait for that.
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let out = thread::spawn(move || read_all(out));
    let err = thread::spawn(move || read_all(err));
    let deadline = Instant::now() + 3 * DEADLINE;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Err(format!("{command:?} does not end").into());
        }
        thread::sleep(Duration::from_millis(2));
    };
    let read = |thread: thread::JoinHandle<Vec<u8>>| thread.join().expect("it only reads");
    Ok(Output { status, stdout: read(out), stderr: read(err) })
}

fn read_all(stream: Option<impl std::io::Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        let _ = stream.read_to_end(&mut bytes);
    }
    bytes
}

/// Its standard output, if it ends well.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let output = run(command)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{text}\n{errors}", output.status).into());
    }
    Ok(text)
}
