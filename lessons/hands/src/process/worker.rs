//! A worker process as its parent sees it.

use std::ffi::OsString;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};
use std::{env, thread};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use serde::de::DeserializeOwned;

use super::leader::Leader;
use super::limits::Seat;
use super::task;
use super::wire::{Answer, Frames, Note};
use crate::codec;
use crate::failure::Failure;
use crate::patience::stay_awake;
use crate::timeline;

/// How the first argument of a worker begins. (Every program that a task starts would inherit an
/// environment variable.)
pub(super) const MARK: &str = "--hands-worker=";

/// Workers may have workers, and so may those. Anything deeper is most likely a task that calls
/// itself.
const MAX_DEPTH: u32 = 3;

/// How long a new process may take to reach `init`, and one that was told to end may take to do so.
const PATIENCE: Duration = Duration::from_secs(10);

/// How deep in the tree of processes this one is, if it is a worker: 1 for a child of the program
/// that the user started.
pub(super) fn depth() -> Option<u32> {
    let mark = env::args_os().nth(1)?;
    mark.to_str()?.strip_prefix(MARK)?.parse().ok()
}

/// A process that serves tasks, and our end of the socket to it.
///
/// Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Worker {
    process: Leader,
    _seat: Seat,
    socket: UnixStream,
    frames: Frames,
    /// Whether the other end is closed, so that nothing more can be written.
    is_deaf: bool,
}

/// What ends a wait for a worker, other than its answer.
#[derive(Default)]
pub(crate) struct Until<'a> {
    /// The time has come.
    pub(crate) deadline: Option<Instant>,
    /// This stream has ended.
    pub(crate) alarm: Option<BorrowedFd<'a>>,
}

/// Why a worker is of no more use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Its process is dead, or about to be.
    Died,
    /// The deadline has passed.
    Overdue,
    /// The alarm was raised.
    Alarm,
}

impl Worker {
    /// Starts a process, without waiting for it.
    pub(crate) fn spawn() -> io::Result<Self> {
        let depth = depth().unwrap_or(0) + 1;
        if depth > MAX_DEPTH {
            let message = format!(
                "this process is a worker of a worker, {MAX_DEPTH} levels deep, and can't have workers \
                 of its own: does a task start the pool that runs it?"
            );
            return Err(io::Error::other(message));
        }
        let seat = Seat::take()?;
        let (socket, its_end) = UnixStream::pair()?;
        socket.set_nonblocking(true)?;
        let mut command = Command::new(program()?);
        if let Some(name) = env::args_os().next() {
            command.arg0(name);
        }
        command.arg(format!("{MARK}{depth}")).stdin(OwnedFd::from(its_end));
        let process = Leader::spawn(&mut command)?;
        Ok(Worker { process, _seat: seat, socket, frames: Frames::default(), is_deaf: false })
    }

    /// Waits until the process is ready.
    ///
    /// # Errors
    ///
    /// If it isn't within ten seconds, or can't be at all.
    pub(crate) fn greet(&mut self) -> io::Result<()> {
        match self.receive(Some(Instant::now() + PATIENCE)) {
            Ok(Answer::Note(Note::Hello(its))) if its.iter().eq(task::names()) => Ok(()),
            Ok(_) => Err(io::Error::other(
                "the program on disk isn't the one that is running, or registers other tasks: restart it",
            )),
            Err(Lost::Died) => Err(io::Error::other(format!(
                "it ended before it reached hands::process::init ({}): is that the first line of main?",
                self.reap()
                    .map_or("the system does not say how".to_owned(), |status| status.to_string())
            ))),
            Err(_) => Err(io::Error::other(format!(
                "it did not reach hands::process::init within {} seconds: is that the first line of main?",
                PATIENCE.as_secs()
            ))),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Whether the process still exists, as far as anyone can tell.
    pub(crate) fn is_alive(&self) -> bool {
        self.process.is_alive()
    }

    /// Kills the process and the programs that its tasks have started.
    pub(crate) fn kill(&self) {
        self.process.kill();
    }

    /// Writes as much of `unsent` as it can, or waits until there is something to read or room to
    /// write. Reading and writing never wait for each other. Returns how many bytes were written.
    pub(crate) fn exchange(
        &mut self,
        unsent: &[IoSlice<'_>],
        until: &Until<'_>,
    ) -> Result<usize, Lost> {
        let has_more = !unsent.is_empty() && !self.is_deaf;
        if has_more {
            match (&self.socket).write_vectored(unsent) {
                Ok(written) => return Ok(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(0),
                // Answers from before it died can still be read.
                Err(_) => self.is_deaf = true,
            }
        }
        if !has_more && let Some(read) = stay_awake(|| self.read().transpose()) {
            return read.map(|()| 0);
        }
        let mut events = PollFlags::IN;
        events.set(PollFlags::OUT, has_more && !self.is_deaf);
        let alarm = until.alarm.unwrap_or(self.socket.as_fd());
        let mut fds =
            [PollFd::new(&self.socket, events), PollFd::from_borrowed_fd(alarm, PollFlags::IN)];
        let watched = if until.alarm.is_some() { &mut fds[..] } else { &mut fds[..1] };
        let timeout = until.deadline.map(|at| at.saturating_duration_since(Instant::now()));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        match poll(watched, timeout.as_ref()) {
            Ok(0) => return Err(Lost::Overdue),
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(0),
            Err(_) => return Err(Lost::Died),
        }
        if until.alarm.is_some() && !fds[1].revents().is_empty() {
            return Err(Lost::Alarm);
        }
        let ready = fds[0].revents();
        if !ready.is_empty() && ready != PollFlags::OUT {
            self.read()?;
        }
        Ok(0)
    }

    /// Reads whatever is there, if anything is.
    fn read(&mut self) -> Result<Option<()>, Lost> {
        match self.frames.fill(&self.socket) {
            Ok(true) => Ok(Some(())),
            Ok(false) => Err(Lost::Died),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(_) => {
                self.kill(); // it may still be alive, and sending a frame that is too long
                Err(Lost::Died)
            }
        }
    }

    /// The next answer, if it is complete.
    pub(crate) fn next_answer(&mut self) -> Option<Result<Answer<'_>, Lost>> {
        // If it makes no sense, it isn't from a worker of ours, which is as good as dead then.
        Some(Answer::parse(self.frames.next()?).ok_or(Lost::Died))
    }

    /// Waits for the next answer.
    pub(crate) fn receive(&mut self, deadline: Option<Instant>) -> Result<Answer<'_>, Lost> {
        while !self.frames.has_next() {
            self.exchange(&[], &Until { deadline, ..Until::default() })?;
        }
        self.next_answer().unwrap_or(Err(Lost::Died))
    }

    /// Waits for the outcome of the one task that the process was sent.
    pub(crate) fn outcome<R: DeserializeOwned>(
        &mut self,
        deadline: Option<Instant>,
    ) -> Result<Result<R, Failure>, Lost> {
        let pid = self.pid();
        loop {
            match self.receive(deadline)? {
                Answer::Value(value) => {
                    return Ok(codec::decode(value).map_err(Failure::bad_result));
                }
                Answer::Failure(failure) => return Ok(Err(failure)),
                Answer::Note(Note::Recorded(report)) => {
                    timeline::include(pid, report.without_tasks());
                }
                Answer::Note(_) => {}
            }
        }
    }

    /// Sends all of the bytes, whatever comes back meanwhile. If the process has died, that is
    /// noticed later.
    pub(crate) fn send(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match self.exchange(&[IoSlice::new(bytes)], &Until::default()) {
                Ok(written) => bytes = &bytes[written..],
                Err(_) => return,
            }
        }
    }

    /// Tells the process to end, and waits for that. It must have nothing to do.
    pub(crate) fn end(mut self) {
        self.send(&[0; 4]); // an empty frame
        self.reap();
    }

    /// How the process died. It must be dead, or dying.
    pub(crate) fn death(&mut self) -> Failure {
        let status = self.reap();
        Failure::Crashed {
            signal: status.and_then(|status| status.signal()),
            code: status.and_then(|status| status.code()),
        }
    }

    /// Waits for a process that is about to end. How it ended isn't known if this program was
    /// started with SIGCHLD ignored.
    fn reap(&mut self) -> Option<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        let until = Until { deadline: Some(deadline), ..Until::default() };
        while self.exchange(&[], &until).is_ok() {
            while self.frames.next().is_some() {}
        }
        // Its end of the socket is closed, which is nearly the last thing that happens to a
        // process.
        let mut pause = Duration::from_micros(20);
        while Instant::now() < deadline {
            if let Some(end) = self.process.try_wait() {
                return end;
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        }
        self.process.end()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.process.end();
    }
}

/// The program that is running. Its file may have been replaced since it was started.
fn program() -> io::Result<OsString> {
    let path = env::current_exe()?;
    let running = "/proc/self/exe";
    if !path.exists() && std::path::Path::new(running).exists() {
        return Ok(running.into());
    }
    Ok(path.into())
}
