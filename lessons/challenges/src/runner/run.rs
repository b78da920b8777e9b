//! Runs a check, whatever the answer does: for ever, with a hundred threads, with a gigabyte of output,
//! with children that it leaves behind.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

use challenges::{LEASH, VERDICT, children};

/// How long a check may run. Its own watchdog is quicker, and says more.
const LIMIT: Duration = Duration::from_secs(600);

/// How much of what the answer prints is shown, in bytes.
const SHOWN: usize = 32 << 10;

/// How long worker processes may take to notice that they are no longer needed.
const FAREWELL: Duration = Duration::from_secs(2);

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) ended: Ended,
    /// How many processes were left behind. They have been ended.
    pub(crate) left_behind: usize,
    /// How many bytes the answer printed that were not shown.
    pub(crate) not_shown: u64,
}

impl Ran {
    /// Whether the answer is right.
    pub(crate) fn is_passed(&self) -> bool {
        matches!(self.ended, Ended::Judged { is_passed: true, .. }) && self.left_behind == 0
    }
}

pub(crate) enum Ended {
    /// The check has said what it found out, and whether the answer is right.
    Judged { is_passed: bool, verdict: String },
    /// The process ended before that.
    Early(ExitStatus),
    /// It had to be ended, after so long.
    TimedOut(Duration),
}

/// Runs the check's program, and shows what the answer prints, up to a limit.
pub(crate) fn run(program: &Path) -> io::Result<Ran> {
    // Who loses its parent becomes our child, and so can be found.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("verdict");
    let mut child = Command::new(program)
        .current_dir(super::root())
        .env(VERDICT, &file)
        .env(LEASH, "1")
        .env("TMPDIR", folder.path()) // whatever it leaves there goes
        .env("RUST_BACKTRACE", "0")
        .process_group(0)
        .stdin(Stdio::piped()) // it ends with us, for the pipe then closes
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let shown = [
        show(child.stdout.take().expect("it was asked for"), io::stdout()),
        show(child.stderr.take().expect("it was asked for"), io::stderr()),
    ];
    let status = wait(&mut child);
    let left_behind = end_all(&child, status.is_some());
    // A pipe may still be held by somebody whom we could not find.
    let not_shown = shown.iter().filter_map(|shown| shown.recv_timeout(FAREWELL).ok()).sum();
    let ended = match (fs::read_to_string(&file), status) {
        (Ok(verdict), Some(status)) => Ended::Judged { is_passed: status.success(), verdict },
        (Err(_), Some(status)) => Ended::Early(status),
        (_, None) => Ended::TimedOut(LIMIT),
    };
    Ok(Ran { ended, left_behind, not_shown })
}

/// In words: what may have ended a process before its check was done.
pub(crate) fn how_it_ended(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(6), _) => {
            "it was aborted (SIGABRT): by `abort`, by a recursion without end, or because it \
                         wanted more memory than the 2 GiB that it may have"
                .to_owned()
        }
        (Some(9), _) => {
            "it was killed (SIGKILL): did it need more memory than there is?".to_owned()
        }
        (Some(11), _) => "it crashed (SIGSEGV)".to_owned(),
        (Some(signal), _) => format!("it was ended by signal {signal}"),
        (None, Some(code)) => {
            format!("it exited with code {code}: the answer must not call `exit`, it is not alone")
        }
        (None, None) => status.to_string(),
    }
}

/// Waits for the end of the check. At the limit there is no status.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + LIMIT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            _ => return None,
        }
    }
}

/// Ends all that the check has started, and says how many had to be.
fn end_all(check: &Child, has_ended: bool) -> usize {
    use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, wait};
    let kill = |pid: u32| {
        if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(pid, Signal::KILL);
            let _ = kill_process(pid, Signal::KILL);
        }
    };
    if !has_ended {
        kill(check.id());
    }
    // Worker processes end by themselves when their parent has, within a moment.
    let patience = Instant::now() + FAREWELL;
    let mut killed = BTreeSet::new();
    loop {
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        let left = children();
        if left.is_empty() {
            break;
        }
        if Instant::now() >= patience {
            left.iter().copied().for_each(kill);
            killed.extend(left);
        }
        if Instant::now() >= patience + FAREWELL {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    // Somebody in its group whom we did not inherit, on a system without subreapers.
    if let Some(group) = i32::try_from(check.id()).ok().and_then(Pid::from_raw)
        && kill_process_group(group, Signal::KILL).is_ok()
    {
        killed.insert(check.id());
    }
    killed.len()
}

/// Shows the beginning of what comes through a pipe, and reads all of it. At the end, says how many bytes
/// were not shown.
fn show(
    mut pipe: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
) -> Receiver<u64> {
    let (ended, end) = channel();
    thread::spawn(move || {
        let (mut left, mut not_shown) = (SHOWN, 0);
        let mut buffer = [0; 16 << 10];
        while let Ok(n @ 1..) = pipe.read(&mut buffer) {
            let shown = n.min(left);
            left -= shown;
            not_shown += (n - shown) as u64;
            let _ = to.write_all(&buffer[..shown]).and_then(|()| to.flush());
        }
        let _ = ended.send(not_shown);
    });
    end
}
