//! A child process that leads a process group, and ends the group when it is gone.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// A child process that leads a process group. The programs that it starts are in that group. Once
/// it is gone, no matter how, whatever is left of them is ended: at once if somebody asks about the
/// process, within a moment otherwise.
#[derive(Debug)]
pub(super) struct Leader(Arc<Life>);

#[derive(Debug)]
struct Life {
    pid: Pid,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Running(Child),
    /// It has been waited for. `None` if the system couldn't say how it ended.
    Ended(Option<ExitStatus>),
}

impl Leader {
    /// Starts the process.
    pub(super) fn spawn(command: &mut Command) -> io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        let pid = Pid::from_child(&child);
        let life = Arc::new(Life { pid, state: Mutex::new(State::Running(child)) });
        keep_an_eye_on(&life);
        Ok(Leader(life))
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.pid.as_raw_pid() as u32
    }

    /// Whether the process still exists, as far as anyone can tell.
    pub(super) fn is_alive(&self) -> bool {
        self.try_wait().is_none()
    }

    /// How the process ended, if it has.
    pub(super) fn try_wait(&self) -> Option<Option<ExitStatus>> {
        wait(&mut self.0.state(), WaitIdOptions::NOHANG)
    }

    /// Kills the process and its group, and waits until it is dead.
    pub(super) fn end(&self) -> Option<ExitStatus> {
        self.kill();
        wait(&mut self.0.state(), WaitIdOptions::empty()).flatten()
    }

    /// Kills the process and its group, if it still exists.
    pub(super) fn kill(&self) {
        let mut state = self.0.state();
        if wait(&mut state, WaitIdOptions::NOHANG).is_none()
            && let State::Running(child) = &mut *state
        {
            kill_group(child);
            let _ = child.kill(); // a task may have moved the process to another group
        }
    }
}

impl Life {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until the process has ended (or, with `NOHANG`, checks whether it has), and ends what is
/// left of its group.
fn wait(state: &mut State, how: WaitIdOptions) -> Option<Option<ExitStatus>> {
    if let State::Running(child) = state {
        let id = WaitId::Pid(Pid::from_child(child));
        // NOWAIT leaves a zombie, whose id isn't given to another process or group.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | how;
        match retry_on_intr(|| waitid(id.clone(), options)) {
            Ok(None) => return None,
            Ok(Some(_)) => kill_group(child),
            // This program was started with SIGCHLD ignored, as some daemons do with their
            // children. The system has forgotten the process, and its id may belong to another one
            // by now.
            Err(_) => {}
        }
        *state = State::Ended(child.wait().ok());
    }
    match state {
        State::Running(_) => None,
        State::Ended(how) => Some(*how),
    }
}

/// Only to be called before the process has been waited for: until then, its id is also the
/// group's, and nobody else's.
fn kill_group(child: &Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

/// Processes that nobody may ask about for a long time: idle workers, and those that are joined
/// late.
static WATCHED: Mutex<Watched> = Mutex::new(Watched { lives: Vec::new(), has_thread: false });

struct Watched {
    lives: Vec<Weak<Life>>,
    has_thread: bool,
}

impl Watched {
    fn get() -> MutexGuard<'static, Self> {
        WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often they are checked.
const PAUSE: Duration = Duration::from_millis(100);

/// Checks now and then whether the process has ended, on a thread that lives as long as there is
/// one to watch.
fn keep_an_eye_on(life: &Arc<Life>) {
    let mut watched = Watched::get();
    watched.lives.push(Arc::downgrade(life));
    if !watched.has_thread {
        let thread = thread::Builder::new().name("watch workers".to_owned());
        watched.has_thread = thread.spawn(watch).is_ok();
    }
}

fn watch() {
    loop {
        thread::sleep(PAUSE);
        let mut watched = Watched::get();
        watched.lives.retain(|life| {
            let Some(life) = life.upgrade() else { return false };
            // If it's locked, somebody else is looking right now.
            let looked = life.state.try_lock().map(|mut s| wait(&mut s, WaitIdOptions::NOHANG));
            !matches!(looked, Ok(Some(_)))
        });
        if watched.lives.is_empty() {
            watched.has_thread = false;
            return;
        }
    }
}
