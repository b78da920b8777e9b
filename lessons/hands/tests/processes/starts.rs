//! Workers that cannot start, initializers that fail, and programs that forget `init`.

use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use hands::pool::{Failure, ProcessPool};
use hands::process::{Process, Task};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::crashes::ABORT;
use crate::names::{self, BEFORE_INIT, JOURNAL};
use crate::support::{Place, Result, is_childless, note, numbers_in, output_of, program};
use crate::tasks::{PID, SAME, workers_of};

/// What the initializer left in this process.
static LEFT: AtomicU64 = AtomicU64::new(0);

pub(crate) const LEAVE: Task<u64, std::result::Result<(), String>> = Task::new("leave", |n| {
    LEFT.fetch_add(n, SeqCst);
    Ok(())
});
pub(crate) const FIND: Task<(), (u32, u64)> =
    Task::new("find", |()| (process::id(), LEFT.load(SeqCst)));

/// How an initializer ends.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) enum End {
    Err,
    Panic,
    Abort,
    Never,
}

/// Notes that it was called. After this many calls, by all processes together, it goes wrong.
pub(crate) const GO_WRONG: Task<(usize, End, PathBuf), std::result::Result<(), String>> =
    Task::new("go_wrong", |(after, how, journal)| {
        note(&journal, 1);
        if numbers_in(&journal).len() <= after {
            return Ok(());
        }
        match how {
            End::Err => Err("no more connections".to_owned()),
            End::Panic => panic!("no connection"),
            End::Abort => process::abort(),
            End::Never => loop {
                std::thread::park();
            },
        }
    });

/// A task that isn't registered.
const UNKNOWN: Task<u64, u64> = Task::new("unknown", |n| n);
/// A task that is registered under this name with other types.
const SAME_NAME: Task<String, String> = Task::new("same", |n| n);

pub(crate) fn the_initializer_runs_once_in_each_worker_before_its_tasks() -> Result {
    let pool = ProcessPool::builder(3).initializer(&LEAVE, 7).start()?;
    let mut pids = workers_of(&pool);
    for found in pool.imap(&FIND, (0..300).map(|_| ())) {
        let (pid, left) = found?;
        assert_eq!(left, 7);
        assert!(pids.contains(&pid));
    }
    // A worker that replaces another one runs it, too.
    for _ in 0..3 {
        assert!(pool.submit(&ABORT, ()).join().is_err());
    }
    for found in pool.imap(&FIND, (0..300).map(|_| ())) {
        let (pid, left) = found?;
        assert_eq!(left, 7);
        pids.insert(pid);
    }
    assert!(pids.len() > 3);
    Ok(())
}

pub(crate) fn an_initializer_that_goes_wrong_is_an_error_at_the_start() -> Result {
    // Alone, because nothing may be left afterwards.
    let place = Place::new();
    for (n, (how, says)) in [
        (End::Err, "its initializer failed: no more connections"),
        (End::Panic, "no connection"),
        (End::Abort, "signal 6"),
        (End::Never, "timed out"),
    ]
    .into_iter()
    .enumerate()
    {
        let journal = place.path(&n.to_string());
        let error = ProcessPool::builder(3)
            .task_timeout(Duration::from_secs(1))
            .initializer(&GO_WRONG, (2, how, journal.clone()))
            .start()
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("worker ") && error.contains(says), "{how:?}: {error}");
        assert_eq!(numbers_in(&journal).len(), 3, "tried once in each worker");
        assert!(is_childless(), "no process is left");
    }
    Ok(())
}

pub(crate) fn an_initializer_that_goes_wrong_later_ends_the_work_and_is_not_tried_for_ever()
-> Result {
    for how in [End::Err, End::Panic, End::Abort] {
        let place = Place::new();
        let journal = place.path("starts");
        let pool =
            ProcessPool::builder(2).initializer(&GO_WRONG, (2, how, journal.clone())).start()?;
        let crashes = [pool.submit(&ABORT, ()), pool.submit(&ABORT, ())];
        let rest: Vec<_> = (0..100).map(|n| pool.submit(&SAME, n)).collect();
        for crash in crashes {
            let failure = crash.join().unwrap_err().failure;
            assert!(matches!(failure, Failure::Crashed { .. } | Failure::NoWorker { .. }));
        }
        let mut lost = 0;
        for (n, handle) in rest.into_iter().enumerate() {
            match handle.join() {
                Ok(value) => assert_eq!(value, n as u64), // while one worker was left
                Err(error) => {
                    let Failure::NoWorker { reason } = error.failure else { panic!("{error}") };
                    assert!(reason.contains("its initializer"), "{reason}");
                    lost += 1;
                }
            }
        }
        assert!(lost == 0 || lost <= 100);
        // Make sure that both are lost. From then on, every task fails at once.
        let _ = pool.submit(&ABORT, ()).join();
        let _ = pool.submit(&ABORT, ()).join();
        let error = pool.submit(&SAME, 1).join().unwrap_err();
        assert!(matches!(error.failure, Failure::NoWorker { .. }), "{error}");
        assert!(pool.map(&SAME, 0..100).is_err());
        let starts = numbers_in(&journal).len();
        assert!(starts <= 2 + 2 * 3, "{starts} starts");
    }
    Ok(())
}

/// Limits the open files of this process to as many as there are, and `room` more.
fn leave_room(room: usize) -> Result {
    let open = std::fs::read_dir("/dev/fd")?.count() - 1; // without that of the folder itself
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some((open + room) as u64), ..limit })?;
    Ok(())
}

pub(crate) fn more_workers_than_there_can_be_is_an_error_that_starts_none() -> Result {
    // Alone: each worker needs a file descriptor of its parent, whose limit is for the whole
    // process.
    let place = Place::new();
    let journal = place.path("starts");
    let pool = |n| ProcessPool::builder(n).initializer(&GO_WRONG, (0, End::Err, journal.clone()));
    for n in [usize::MAX, usize::MAX / 3 + 1, 1_000_000, 4097] {
        let error = pool(n).start().unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        let error = error.to_string();
        assert!(error.contains(&format!("{n} workers is too large, the limit is 4096")), "{error}");
    }
    leave_room(20)?;
    let error = pool(100).start().unwrap_err().to_string();
    assert!(error.starts_with("100 worker processes need 1"), "{error}");
    assert!(error.contains("(ulimit -n): try fewer, or raise the limit"), "{error}");
    assert_eq!(numbers_in(&journal).len(), 0, "no worker was started");
    assert!(is_childless());
    let pool = ProcessPool::new(4)?;
    assert_eq!(pool.map(&SAME, 0..3)?, [0, 1, 2]);
    Ok(())
}

pub(crate) fn more_processes_than_there_can_be_is_an_error_and_leaves_nothing() -> Result {
    leave_room(20)?;
    let all: std::io::Result<Vec<_>> = (0..100).map(|n| Process::spawn(&SAME, n)).collect();
    assert!(all.is_err());
    assert!(is_childless(), "no process is left");
    assert_eq!(Process::spawn(&SAME, 7)?.join(), Ok(7));
    Ok(())
}

pub(crate) fn a_task_that_is_not_registered_is_an_error_that_says_what_to_write() -> Result {
    let pool = ProcessPool::new(1)?;
    let error = pool.map(&UNKNOWN, 0..3).unwrap_err();
    assert_eq!(error.failure, Failure::Unregistered { name: "unknown" });
    assert!(error.to_string().contains("hands::process::init(&["), "{error}");
    let error = pool.submit(&SAME_NAME, String::new()).join().unwrap_err();
    assert_eq!(error.failure, Failure::Unregistered { name: "same" });
    let error = Process::spawn(&UNKNOWN, 1).unwrap_err().to_string();
    assert!(error.contains("hands::process::init(&["), "{error}");
    const FIRST: Task<(), std::result::Result<(), String>> = Task::new("first", |()| Ok(()));
    let error = ProcessPool::builder(1).initializer(&FIRST, ()).start().unwrap_err().to_string();
    assert!(error.contains("hands::process::init(&["), "{error}");
    assert_eq!(pool.submit(&SAME, 7).join(), Ok(7));
    Ok(())
}

pub(crate) fn a_program_that_forgets_init_gets_an_error_and_starts_nothing() -> Result {
    let place = Place::new();
    let journal = place.path("starts");
    let said = output_of(program(names::FORGETS_INIT).env(JOURNAL, &journal))?;
    let errors: Vec<_> = said.lines().collect();
    assert_eq!(errors.len(), 2, "{said}");
    for error in errors {
        assert!(error.contains("begin main with hands::process::init(&[…])"), "{error}");
    }
    assert_eq!(numbers_in(&journal).len(), 1, "one process, and no more");
    Ok(())
}

pub(crate) fn two_tasks_of_one_name_are_an_error_and_start_nothing() -> Result {
    let place = Place::new();
    let journal = place.path("starts");
    let said = output_of(program(names::SAME_NAME_TWICE).env(JOURNAL, &journal))?;
    assert!(said.contains("two tasks are called \"same\""), "{said}");
    assert_eq!(numbers_in(&journal).len(), 1);
    Ok(())
}

pub(crate) fn two_inits_are_a_panic_that_says_so() -> Result {
    let error = output_of(&mut program(names::TWO_INITS)).unwrap_err().to_string();
    assert!(error.contains("hands::process::init is called twice"), "{error}");
    Ok(())
}

pub(crate) fn a_worker_that_ends_before_init_is_an_error_and_not_a_loop() -> Result {
    let place = Place::new();
    let journal = place.path("starts");
    let mut command = program(names::STARTS_A_POOL);
    let said = output_of(command.env(JOURNAL, &journal).env(BEFORE_INIT, "exit"))?;
    assert!(said.contains("it ended before it reached hands::process::init"), "{said}");
    assert!(said.contains("is that the first line of main?"), "{said}");
    let starts = numbers_in(&journal).len();
    assert!((1 + 1..=1 + 2).contains(&starts), "itself, and two workers at the most: {starts}");
    Ok(())
}

pub(crate) fn a_worker_that_never_reaches_init_is_given_up() -> Result {
    let place = Place::new();
    let journal = place.path("starts");
    let mut command = program(names::STARTS_A_POOL);
    let said = output_of(command.env(JOURNAL, &journal).env(BEFORE_INIT, "hang"))?;
    assert!(said.contains("it did not reach hands::process::init within 10 seconds"), "{said}");
    assert!(numbers_in(&journal).len() <= 1 + 2);
    Ok(())
}

pub(crate) fn a_worker_that_is_another_program_by_now_is_an_error() -> Result {
    let mut command = program(names::STARTS_A_POOL);
    let said = output_of(command.env(BEFORE_INIT, "other tasks"))?;
    assert!(said.contains("registers other tasks: restart it"), "{said}");
    Ok(())
}

pub(crate) fn a_worker_that_speaks_another_language_is_an_error() -> Result {
    let mut command = program(names::STARTS_A_POOL);
    let said = output_of(command.env(BEFORE_INIT, "babble"))?;
    assert!(said.contains("cannot be started"), "{said}");
    Ok(())
}

pub(crate) fn a_program_whose_file_is_gone_starts_workers_all_the_same() -> Result {
    let place = Place::new();
    let copy = place.path("copy");
    std::fs::copy(std::env::current_exe()?, &copy)?;
    let mut command = std::process::Command::new(&copy);
    let said = output_of(command.args(["--program", names::DELETES_ITSELF]))?;
    assert_eq!(said, "3\n");
    assert!(!copy.exists());
    Ok(())
}

pub(crate) fn a_worker_started_by_hand_says_what_that_argument_is_for() -> Result {
    let error = output_of(crate::support::again().arg("--hands-worker=1")).unwrap_err();
    assert!(error.to_string().contains("is for internal use"), "{error}");
    Ok(())
}

/// Starts a pool of its own, and has it run a task.
pub(crate) const NEST: Task<u32, std::result::Result<Vec<u32>, String>> =
    Task::new("nest", |levels| {
        let pool = ProcessPool::new(1).map_err(|error| error.to_string())?;
        let mut pids = match levels {
            0 => vec![pool.submit(&PID, ()).join().map_err(|error| error.to_string())?],
            _ => pool.submit(&NEST, levels - 1).join().map_err(|error| error.to_string())??,
        };
        pids.push(process::id());
        Ok(pids)
    });

/// More workers than there are cores: each is slow to reach its first task, which has been there
/// for a while by then.
pub(crate) fn many_processes_that_start_at_once_all_answer() -> Result {
    let spawn = |n| Process::spawn(&SAME, n);
    let processes: Vec<_> = (0..100).map(spawn).collect::<std::io::Result<_>>()?;
    for (n, process) in (0..).zip(processes) {
        assert_eq!(process.join(), Ok(n));
    }
    Ok(())
}

pub(crate) fn a_task_may_start_a_pool_of_its_own() -> Result {
    let pool = ProcessPool::new(1)?;
    let worker = pool.submit(&PID, ()).join()?;
    let pids = pool.submit(&NEST, 0).join()??;
    assert_eq!(pids.len(), 2);
    assert_eq!(pids[1], worker);
    assert_ne!(pids[0], worker);
    assert_eq!(pool.submit(&NEST, 1).join()??.len(), 3, "three deep");
    Ok(())
}

pub(crate) fn a_task_that_starts_the_pool_that_runs_it_is_stopped_three_deep() -> Result {
    let pool = ProcessPool::new(1)?;
    let error = pool.submit(&NEST, 1000).join()?.unwrap_err();
    assert!(error.contains("does a task start the pool that runs it?"), "{error}");
    Ok(())
}
