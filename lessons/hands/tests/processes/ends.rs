//! Parents that end in a hurry: no worker may outlive them.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;

use crate::names::{CRASHES, WAITS_BUSY, WAITS_IDLE};
use crate::support::{Result, again, is_alive, output_of, program, send_signal, wait_until};

/// A program that has printed the ids of its workers.
fn started(name: &str) -> Result<(Child, Vec<u32>)> {
    let mut child = program(name).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line)?;
    let pids: Vec<u32> = pids_in(&line);
    assert_eq!(pids.len(), 3, "{line:?}");
    assert!(pids.iter().all(|&pid| is_alive(pid)));
    Ok((child, pids))
}

fn pids_in(line: &str) -> Vec<u32> {
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn no_worker_outlives(name: &str, signal: Signal) -> Result {
    for _ in 0..3 {
        let (mut parent, pids) = started(name)?;
        send_signal(parent.id(), signal);
        assert_eq!(parent.wait()?.signal(), Some(signal.as_raw()));
        wait_until("all workers end", || pids.iter().all(|&pid| !is_alive(pid)));
    }
    Ok(())
}

pub(crate) fn no_worker_outlives_a_parent_that_is_killed_while_they_are_busy() -> Result {
    no_worker_outlives(WAITS_BUSY, Signal::KILL)
}

pub(crate) fn no_worker_outlives_a_parent_that_is_killed_while_they_are_idle() -> Result {
    no_worker_outlives(WAITS_IDLE, Signal::KILL)
}

pub(crate) fn no_worker_outlives_a_parent_that_is_told_to_end() -> Result {
    no_worker_outlives(WAITS_BUSY, Signal::TERM)?;
    no_worker_outlives(WAITS_IDLE, Signal::TERM)
}

/// A terminal, a program in its foreground, and somebody who types Ctrl-C once it has begun.
const TERMINAL: &str = r#"
import os, pty, signal, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL) # the tests may run where it is ignored
    os.execv(sys.argv[1], sys.argv[1:])
before = termios.tcgetattr(terminal)
seen = b""
while b"\n" not in seen:
    seen += os.read(terminal, 1000)
print(seen.decode().strip(), flush=True)
os.write(terminal, b"\x03")
_, status = os.waitpid(pid, 0)
print("signal", os.WTERMSIG(status) if os.WIFSIGNALED(status) else status)
print("terminal", "as before" if termios.tcgetattr(terminal) == before else "changed")
"#;

pub(crate) fn ctrl_c_ends_program_and_workers_and_leaves_the_terminal_sane() -> Result {
    for name in [WAITS_BUSY, WAITS_IDLE] {
        let this = again();
        let mut python = Command::new("python3");
        python.args(["-c", TERMINAL]).arg(this.get_program()).args(["--program", name]);
        let said = output_of(&mut python)?;
        let lines: Vec<_> = said.lines().collect();
        let [workers, signal, terminal] = lines[..] else { panic!("{said}") };
        let pids = pids_in(workers);
        assert_eq!(pids.len(), 3, "{said}");
        assert_eq!(signal, "signal 2");
        assert_eq!(terminal, "terminal as before");
        wait_until("all workers end", || pids.iter().all(|&pid| !is_alive(pid)));
    }
    Ok(())
}

pub(crate) fn a_shell_sees_that_ctrl_c_ended_the_program() -> Result {
    // With a trap of its own, the shell lives on and can report what it saw.
    let this = again();
    let script = r#"trap : INT; "$0" --program "$1"; echo "status $?""#;
    let mut python = Command::new("python3");
    let terminal = TERMINAL.replace("_, status", "while b'status' not in seen: seen += os.read(terminal, 1000)\nprint(seen.decode().split()[-1])\n_, status");
    python.args(["-c", &terminal, "/bin/sh", "-c", script]).arg(this.get_program()).arg(WAITS_BUSY);
    let said = output_of(&mut python)?;
    assert!(said.lines().any(|line| line == "130"), "{said}");
    Ok(())
}

/// A program that is started with SIGCHLD ignored, so that the system forgets its children at once.
const IGNORING: &str = r#"
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])
"#;

pub(crate) fn a_program_that_was_started_to_ignore_its_children_has_workers_all_the_same() -> Result
{
    let this = again();
    let mut python = Command::new("python3");
    python.args(["-c", IGNORING]).arg(this.get_program()).args(["--program", CRASHES]);
    assert_eq!(output_of(&mut python)?, "task 0 crashed: its process is gone\n7\n");
    Ok(())
}
