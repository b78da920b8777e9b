//! Programs that tasks have started: none of them outlives its worker.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio, abort, exit};
use std::thread;
use std::time::Duration;

use hands::pool::ProcessPool;
use hands::process::{Process, Task};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::names::WAITS_WITH_PROGRAMS;
use crate::support::{
    Place, Result, interruptible_program, is_alive, kill_9, note, numbers_in, send_signal,
    wait_until,
};
use crate::tasks::{PID, SAME, workers_of};

/// What a task does after it has started programs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Then {
    Return,
    Panic,
    Abort,
    Exit,
    Wait,
}

/// Starts a program that runs for an hour, and a shell that starts another one, notes their ids,
/// and goes on as it was told. With `apart`, the programs are in a group of their own.
pub(crate) const START: Task<(PathBuf, Then, bool), u32> = Task::new("start", start);

#[expect(clippy::zombie_processes, reason = "what nobody waits for is what these tests are about")]
fn start((journal, then, apart): (PathBuf, Then, bool)) -> u32 {
    for command in ["exec sleep 3600", "sleep 3600 & echo $!; wait"] {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).stdin(Stdio::null()).stderr(Stdio::null());
        // A shell that waits for another program prints its id.
        let inner = command.contains('&');
        shell.stdout(if inner { Stdio::piped() } else { Stdio::null() });
        if apart {
            shell.process_group(0);
        }
        let mut child = shell.spawn().expect("a shell");
        if let Some(out) = child.stdout.take() {
            let mut line = String::new();
            BufReader::new(out).read_line(&mut line).expect("a number");
            note(&journal, line.trim());
        }
        note(&journal, child.id());
    }
    match then {
        Then::Return => {}
        Then::Panic => panic!("with programs running"),
        Then::Abort => abort(),
        Then::Exit => exit(0),
        Then::Wait => thread::sleep(Duration::from_secs(3600)),
    }
    std::process::id()
}

/// The programs of one test, none of which is left behind.
pub(crate) struct Programs {
    place: Place,
    each: usize,
}

impl Programs {
    pub(crate) fn new(tasks: usize) -> Self {
        Programs { place: Place::new(), each: 3 * tasks }
    }

    pub(crate) fn asked_to(&self, then: Then) -> (PathBuf, Then, bool) {
        (self.place.path("programs"), then, false)
    }

    fn pids(&self) -> Vec<u32> {
        let numbers = numbers_in(&self.place.path("programs"));
        numbers.into_iter().map(|number| number as u32).collect()
    }

    /// Waits until all of them run.
    pub(crate) fn run(&self) {
        wait_until("the programs to run", || self.pids().len() == self.each);
        assert!(self.pids().into_iter().all(is_alive), "they run");
    }

    /// Waits until all of them have ended.
    pub(crate) fn end(&self, with: &str) {
        let pids = self.pids();
        assert_eq!(pids.len(), self.each);
        wait_until(&format!("{pids:?} to end ({with})"), || !pids.iter().any(|&pid| is_alive(pid)));
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        self.pids().into_iter().filter(|&pid| is_alive(pid)).for_each(kill_9);
    }
}

pub(crate) fn what_a_task_has_started_ends_with_its_worker_however_that_goes() -> Result {
    let pool = ProcessPool::new(1)?;
    for then in [Then::Abort, Then::Exit] {
        let programs = Programs::new(1);
        let outcome = pool.submit(&START, programs.asked_to(then)).join();
        assert!(outcome.is_err());
        programs.end(&format!("{then:?}"));
    }
    // The programs of tasks that have ended, too: they live until their worker goes.
    let programs = Programs::new(3);
    pool.submit(&START, programs.asked_to(Then::Return)).join()?;
    assert!(pool.submit(&START, programs.asked_to(Then::Panic)).join().is_err());
    assert_eq!(pool.submit(&SAME, 7).join(), Ok(7));
    let worker = pool.submit(&PID, ()).join()?;
    let waits = pool.submit(&START, programs.asked_to(Then::Wait));
    programs.run();
    kill_9(worker);
    assert!(waits.join().is_err());
    programs.end("kill -9");

    let programs = Programs::new(1);
    let pool = ProcessPool::builder(1).task_timeout(Duration::from_secs(2)).start()?;
    assert!(pool.submit(&START, programs.asked_to(Then::Wait)).join().is_err());
    programs.end("a time-out");
    Ok(())
}

pub(crate) fn it_ends_though_the_worker_was_idle_when_it_was_killed() -> Result {
    let pool = ProcessPool::new(2)?;
    let programs = Programs::new(2);
    let task = || pool.submit(&START, programs.asked_to(Then::Return));
    let used: BTreeSet<u32> = [task(), task()].into_iter().map(|h| h.join().unwrap()).collect();
    programs.run();
    used.into_iter().for_each(kill_9);
    programs.end("kill -9 while idle");
    assert_eq!(pool.map(&SAME, 0..10)?.len(), 10);
    Ok(())
}

pub(crate) fn it_ends_with_a_worker_that_is_retired_and_with_its_pool() -> Result {
    let programs = Programs::new(2);
    let pool = ProcessPool::builder(1).max_tasks_per_child(2).start()?;
    let retired = pool.submit(&START, programs.asked_to(Then::Return)).join()?;
    assert_eq!(pool.submit(&START, programs.asked_to(Then::Return)).join()?, retired);
    assert_ne!(pool.submit(&PID, ()).join()?, retired);
    programs.end("retirement");

    type End = fn(ProcessPool);
    let ends: [(&str, End); 3] =
        [("join", ProcessPool::join), ("drop", drop), ("terminate", ProcessPool::terminate)];
    for (name, end) in ends {
        let programs = Programs::new(1);
        let pool = ProcessPool::new(2)?;
        pool.submit(&START, programs.asked_to(Then::Return)).join()?;
        programs.run();
        end(pool);
        programs.end(name);
    }
    let programs = Programs::new(1);
    let pool = ProcessPool::new(2)?;
    let waits = pool.submit(&START, programs.asked_to(Then::Wait));
    programs.run();
    pool.terminate();
    assert!(waits.join().is_err());
    programs.end("terminate in the middle");
    Ok(())
}

pub(crate) fn it_ends_with_a_single_process_however_that_goes() -> Result {
    for then in [Then::Return, Then::Panic, Then::Abort, Then::Exit] {
        let programs = Programs::new(1);
        let ended = Process::spawn(&START, programs.asked_to(then))?.join();
        assert_eq!(ended.is_ok(), then == Then::Return);
        programs.end(&format!("{then:?}"));
    }
    type End = fn(Process<u32>);
    let ends: [(&str, End); 3] = [
        ("drop", drop),
        ("kill", |mut process| {
            process.kill();
            assert!(process.join().is_err());
        }),
        ("kill -9 from outside", |process| {
            kill_9(process.pid());
            assert!(process.join().is_err());
        }),
    ];
    for (name, end) in ends {
        let programs = Programs::new(1);
        let process = Process::spawn(&START, programs.asked_to(Then::Wait))?;
        programs.run();
        end(process);
        programs.end(name);
    }
    // There's no need to join it first.
    let programs = Programs::new(1);
    let unjoined = Process::spawn(&START, programs.asked_to(Then::Abort))?;
    wait_until("they were started", || programs.pids().len() == programs.each);
    programs.end("a crash that nobody has asked about");
    assert!(unjoined.join().is_err());
    Ok(())
}

pub(crate) fn it_ends_with_the_parent() -> Result {
    for signal in [Signal::KILL, Signal::TERM, Signal::INT] {
        let programs = Programs::new(2);
        let journal = programs.place.path("programs");
        let mut parent = interruptible_program(WAITS_WITH_PROGRAMS).arg(&journal).spawn()?;
        programs.run();
        send_signal(parent.id(), signal);
        parent.wait()?;
        programs.end(&format!("{signal:?}"));
    }
    Ok(())
}

pub(crate) fn a_program_in_a_group_of_its_own_is_left_alone() -> Result {
    let programs = Programs::new(1);
    let (journal, then, _) = programs.asked_to(Then::Return);
    let pool = ProcessPool::new(1)?;
    pool.submit(&START, (journal, then, true)).join()?;
    let workers = workers_of(&pool);
    pool.join();
    assert!(workers.into_iter().all(|pid| !is_alive(pid)));
    programs.run();
    Ok(())
}
