//! A process that never outlives whoever started it.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{self, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::wait::poll;

/// A process in a group of its own. If it is still running when this is dropped, it is killed, and
/// with it everything that it started and that has stayed in its group.
#[derive(Debug)]
pub struct Child(process::Child);

impl Child {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// If it can't be started. The error names the program.
    pub fn start(command: &mut Command) -> io::Result<Child> {
        command.process_group(0).spawn().map(Child).map_err(|error| {
            let program = command.get_program().display();
            io::Error::new(error.kind(), format!("{program} can't be started: {error}"))
        })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// The end of its standard input, if that is a pipe and nobody has taken it yet.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.0.stdin.take()
    }

    /// The end of its standard output, if that is a pipe.
    ///
    /// # Panics
    ///
    /// If it isn't, or if somebody has taken it already.
    pub fn stdout(&mut self) -> ChildStdout {
        self.0.stdout.take().expect("its standard output is a pipe that nobody has taken yet")
    }

    /// The end of its standard error, if that is a pipe.
    ///
    /// # Panics
    ///
    /// If it isn't, or if somebody has taken it already.
    pub fn stderr(&mut self) -> ChildStderr {
        self.0.stderr.take().expect("its standard error is a pipe that nobody has taken yet")
    }

    /// Waits for its end. `None` if it is still running after `limit`.
    ///
    /// # Errors
    ///
    /// If the system has lost it.
    pub fn wait(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        poll(limit, || self.0.try_wait().transpose()).transpose()
    }

    /// Kills it and everything in its group.
    pub fn kill(&mut self) {
        kill_group(self.pid());
        self.0.kill().ok(); // it may have ended already
        self.0.wait().ok();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            self.kill();
        }
    }
}

/// Kills every process in this group, and says whether there was one.
pub fn kill_group(leader: u32) -> bool {
    let group = i32::try_from(leader).ok().and_then(Pid::from_raw);
    group.is_some_and(|group| kill_process_group(group, Signal::KILL).is_ok())
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;
    use crate::{HANGS, Output, is_alive, wait_until};

    fn shell(script: &str) -> Child {
        Child::start(Command::new("sh").args(["-c", script]).stdout(Stdio::piped())).unwrap()
    }

    #[test]
    fn what_is_dropped_is_killed_with_what_it_started() {
        let mut child = shell("sleep 1000 & echo $!; wait");
        let output = Output::capture(child.stdout());
        wait_until("a pid", || output.text().ends_with('\n'));
        let sleep = output.text().trim().parse().unwrap();
        assert!(is_alive(sleep) && is_alive(child.pid()));
        let pid = child.pid();
        drop(child);
        assert!(!is_alive(pid));
        wait_until("sleep is gone", || !is_alive(sleep));
        assert!(output.ends_within(HANGS));
    }

    #[test]
    fn a_child_has_a_status_once_it_has_ended() {
        let mut child = shell("read nothing; exit 3");
        assert_eq!(child.wait(HANGS).unwrap().unwrap().code(), Some(3));
        let mut child = shell("sleep 1000");
        assert_eq!(child.wait(Duration::ZERO).unwrap(), None);
    }

    #[test]
    fn what_cannot_be_started_is_named() {
        let error = Child::start(&mut Command::new("/nowhere/program")).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/program can't be started"), "{error}");
    }
}
