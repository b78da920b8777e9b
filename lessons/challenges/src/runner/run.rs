//! Runs a check, whatever the answer does: loops forever, starts a hundred threads, prints a
//! gigabyte, leaves children behind.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{fs, process};

use challenges::{LEASH, VERDICT};
use harness::{Child, Reader, children, command_line, has_in_environment, kill_group, poll};

/// How long a check may run. Its own watchdog is quicker, and says more.
const LIMIT: Duration = Duration::from_secs(600);

/// How much of what the answer prints is shown, in bytes.
const SHOWN: usize = 32 << 10;

/// How long worker processes may take to notice that they are no longer needed.
const FAREWELL: Duration = Duration::from_secs(2);

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) ended: Ended,
    /// The processes that were left behind. They have been killed.
    pub(crate) left_behind: Vec<Left>,
    /// How many bytes the answer printed that were not shown.
    pub(crate) not_shown: u64,
}

/// A process that was left behind.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Left {
    pub(crate) pid: u32,
    pub(crate) command: String,
}

impl Ran {
    /// Whether the answer is right.
    pub(crate) fn is_passed(&self) -> bool {
        matches!(self.ended, Ended::Judged { is_passed: true, .. }) && self.left_behind.is_empty()
    }
}

pub(crate) enum Ended {
    /// The check has said what it found out, and whether the answer is right.
    Judged { is_passed: bool, verdict: String },
    /// The process ended before that.
    Early(ExitStatus),
    /// It had to be killed, after this time.
    TimedOut(Duration),
}

/// Runs the check's program, and shows what the answer prints, up to a limit.
pub(crate) fn run(program: &Path) -> io::Result<Ran> {
    // A process whose parent has died becomes our child, so that we can find it.
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).ok();

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("verdict");
    let mut child = Child::start(
        Command::new(program)
            .current_dir(harness::root())
            .env(VERDICT, &file)
            .env(LEASH, "1")
            .env("TMPDIR", folder.path()) // whatever it leaves there goes
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped()) // closed when we end, and then it ends as well
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    )?;
    let not_shown = Arc::new(AtomicU64::new(0));
    let outputs = [
        show(child.stdout(), io::stdout(), &not_shown),
        show(child.stderr(), io::stderr(), &not_shown),
    ];
    let status = child.wait(LIMIT)?;
    let left_behind = end_all(&mut child, status.is_some(), &file);
    for output in &outputs {
        output.ends_within(FAREWELL); // a process that we couldn't find may still hold the pipe
    }
    let ended = match (fs::read_to_string(&file), status) {
        (Ok(verdict), Some(status)) => Ended::Judged { is_passed: status.success(), verdict },
        (Err(_), Some(status)) => Ended::Early(status),
        (_, None) => Ended::TimedOut(LIMIT),
    };
    Ok(Ran { ended, left_behind, not_shown: not_shown.load(Relaxed) })
}

/// In words: what may have ended a process before its check was done.
pub(crate) fn how_it_ended(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(6), _) => {
            "it was aborted (SIGABRT): by `abort`, by a recursion without end, or because it \
                         wanted more than the 2 GiB of memory that it may have"
                .to_owned()
        }
        (Some(9), _) => {
            "it was killed (SIGKILL): did it need more memory than there is?".to_owned()
        }
        (Some(11), _) => "it crashed (SIGSEGV)".to_owned(),
        (Some(signal), _) => format!("signal {signal} ended it"),
        (None, Some(code)) => format!(
            "it exited with code {code}: an answer must not call `exit`, because the check runs in the \
             same process"
        ),
        (None, None) => status.to_string(),
    }
}

/// Ends everything that the check has started, and returns the processes that had to be killed.
///
/// A child of ours isn't always the check's: a shell that had started something in the background
/// may have become us, by `exec`, and whatever cargo left behind is ours, too. So we look for the
/// variable that every process of the check inherits.
fn end_all(check: &mut Child, has_ended: bool, verdict: &Path) -> Vec<Left> {
    use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
    if !has_ended {
        check.kill();
    }
    // Worker processes end by themselves soon after their parent has.
    let deadline = Instant::now() + FAREWELL;
    let mut killed = BTreeSet::new();
    poll(2 * FAREWELL, || {
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        let is_its = |pid: &u32| has_in_environment(*pid, VERDICT, verdict);
        let left: Vec<_> = children(process::id()).into_iter().filter(is_its).collect();
        if Instant::now() >= deadline {
            for pid in &left {
                let command = command_line(*pid).unwrap_or_default();
                kill_group(*pid);
                let id = i32::try_from(*pid).ok().and_then(Pid::from_raw);
                id.map(|id| kill_process(id, Signal::KILL).ok());
                killed.insert(Left { pid: *pid, command });
            }
        }
        left.is_empty().then_some(())
    });
    // On a system without subreapers we don't inherit processes, but they may still be in its
    // group.
    if kill_group(check.pid()) && cfg!(not(target_os = "linux")) {
        killed.insert(Left { pid: check.pid(), command: "its process group".to_owned() });
    }
    killed.into_iter().collect()
}

/// Shows the beginning of what comes through a pipe, reads all of it, and counts the bytes that
/// weren't shown.
fn show(
    pipe: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    not_shown: &Arc<AtomicU64>,
) -> Reader {
    let not_shown = Arc::clone(not_shown);
    let mut left = SHOWN;
    Reader::start(pipe, move |part| {
        let shown = part.len().min(left);
        left -= shown;
        not_shown.fetch_add((part.len() - shown) as u64, Relaxed);
        to.write_all(&part[..shown]).and_then(|()| to.flush()).ok();
    })
}
