//! Workers that die, killed from outside or by their own task.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::process;
use std::thread;
use std::time::Duration;

use hands::pool::{Failure, OnCrash, Outcome, ProcessPool};
use hands::process::{Process, Task};
use rustix::process::{Signal, getpid, kill_process};

use crate::support::{
    Place, Result, is_alive, is_childless, is_gone, kill_9, note, numbers_in, open, pass,
    send_signal, wait_until,
};
use crate::tasks::{ERRAND, Errand, MEET, PID, SAME, workers_of};

const ABORTED: Failure = Failure::Crashed { signal: Some(6), code: None };
const KILLED: Failure = Failure::Crashed { signal: Some(9), code: None };

/// Notes its number, computes for a moment, and returns the number.
pub(crate) const COUNTED: Task<(usize, PathBuf), usize> = Task::new("counted", |(n, journal)| {
    note(&journal, n);
    n
});

pub(crate) const ABORT: Task<(), ()> = Task::new("abort", |()| process::abort());

pub(crate) const EXIT: Task<i32, ()> = Task::new("exit", |code| process::exit(code));

pub(crate) const SEGFAULT: Task<(), ()> = Task::new("segfault", |()| {
    loop {
        // The first one only removes the handler with which Rust detects stack overflows.
        let _ = kill_process(getpid(), Signal::SEGV);
    }
});

pub(crate) const OVERFLOW: Task<u64, u64> = Task::new("overflow", |n| {
    fn deeper(n: u64) -> u64 {
        let much = std::hint::black_box([n; 1000]);
        if n == 0 { 0 } else { deeper(n - 1) + much[n as usize % 1000] }
    }
    deeper(n)
});

/// Aborts until this many have done so.
pub(crate) const ABORT_AT_FIRST: Task<(usize, PathBuf), usize> =
    Task::new("abort_at_first", |(times, journal)| {
        note(&journal, 1);
        if numbers_in(&journal).len() <= times {
            process::abort();
        }
        times
    });

/// What a task in a chunk does.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(crate) enum Deed {
    Return(u64),
    Pass(PathBuf),
    Open(PathBuf),
    Abort,
}

pub(crate) const DO: Task<Deed, u64> = Task::new("do", |deed| {
    match deed {
        Deed::Return(n) => return n,
        Deed::Pass(door) => pass(&door),
        Deed::Open(door) => open(&door),
        Deed::Abort => process::abort(),
    }
    0
});

fn failure<R>(outcome: Outcome<R>) -> Failure {
    match outcome {
        Ok(_) => panic!("the task did not fail"),
        Err(error) => error.failure,
    }
}

pub(crate) fn killing_a_busy_worker_fails_the_task_it_runs_and_no_other() -> Result {
    let place = Place::new();
    let (never, begun) = (place.door("never"), place.path("begun"));
    let pool = ProcessPool::new(2)?;
    let one = Errand::new(0).noting_its_begin_in(&begun).waiting_at(&never);
    let mut idle = workers_of(&pool);
    let victim = pool.submit(&ERRAND, one);
    wait_until("it begins", || !numbers_in(&begun).is_empty());
    // The worker that answers now isn't the busy one.
    let other = pool.submit(&PID, ()).join()?;
    assert!(idle.remove(&other));
    kill_9(*idle.first().expect("the other of two"));
    assert_eq!(failure(victim.join()), KILLED);
    assert_eq!(pool.map(&SAME, 0..1000)?, (0..1000).collect::<Vec<_>>());
    let now = workers_of(&pool);
    assert!(now.contains(&other), "the one that lived works on");
    assert_eq!(numbers_in(&begun), [0], "it ran once");
    Ok(())
}

pub(crate) fn nobody_notices_that_an_idle_worker_was_killed() -> Result {
    let pool = ProcessPool::new(3)?;
    for _ in 0..3 {
        let before = workers_of(&pool);
        before.iter().for_each(|&pid| kill_9(pid));
        wait_until("they are dead", || before.iter().all(|&pid| !is_alive(pid)));
        assert_eq!(pool.map(&SAME, 0..100)?, (0..100).collect::<Vec<_>>());
        let after = workers_of(&pool);
        assert!(before.is_disjoint(&after));
        assert!(before.iter().all(|&pid| is_gone(pid)), "the dead have been waited for");
    }
    Ok(())
}

/// Runs 20,000 tasks while workers are killed at random, and returns how many crashed.
///
/// Alone: every child of this process is a worker of this pool.
fn killed_at_random(
    kills: usize,
    chunk: usize,
    in_order: bool,
    on_crash: OnCrash,
) -> Result<usize> {
    const TASKS: usize = 20_000;
    const ROUND: usize = TASKS / 20;
    let place = Place::new();
    let journal = place.path("begun");
    let pool = ProcessPool::builder(4).on_crash(on_crash).start()?;
    let (mut killed, mut good, mut crashed) = (0, Vec::new(), HashSet::new());
    let mut dice = Dice(chunk as u64 + 1);
    let mut kill_one = || {
        let workers = harness::children(std::process::id());
        if let Some(&worker) = workers.get(dice.roll(workers.len().max(1))) {
            kill_9(worker);
            killed += 1;
        }
    };
    let mut luck = Dice(7);
    for round in 0..TASKS / ROUND {
        // Between the rounds the workers are idle.
        kill_one();
        let first = round * ROUND;
        let inputs = (first..first + ROUND).map(|n| (n, journal.clone()));
        let results: Box<dyn Iterator<Item = Outcome<usize>>> = if in_order {
            Box::new(pool.chunk_size(chunk).imap(&COUNTED, inputs))
        } else {
            Box::new(pool.chunk_size(chunk).imap_unordered(&COUNTED, inputs))
        };
        let mut ended = 0;
        for (position, outcome) in results.enumerate() {
            ended += 1;
            match outcome {
                Ok(n) => {
                    assert!(!in_order || n == first + position, "{n} came as {}", first + position);
                    good.push(n);
                }
                Err(error) => {
                    assert_eq!(error.failure, KILLED);
                    assert!(!in_order || error.task == position);
                    assert!(crashed.insert(first + error.task), "{error} twice");
                }
            }
            if luck.roll(ROUND * 20) < kills {
                kill_one();
            }
        }
        assert_eq!(ended, ROUND);
    }
    let distinct: HashSet<_> = good.iter().copied().collect();
    assert_eq!(distinct.len(), good.len(), "a task ended twice");
    assert!(distinct.is_disjoint(&crashed));
    assert_eq!(good.len() + crashed.len(), TASKS);
    let mut runs = HashMap::new();
    numbers_in(&journal).into_iter().for_each(|n| *runs.entry(n).or_insert(0) += 1);
    assert!(distinct.iter().all(|n| runs.contains_key(n)), "a result of a task that did not run");
    if on_crash == OnCrash::Fail {
        let twice: Vec<_> = runs.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "ran more than once: {twice:?}");
    }
    assert!(crashed.len() <= killed * chunk, "{} crashes, {killed} kills", crashed.len());
    assert!(killed >= kills / 2, "only {killed} were killed");
    let pids = workers_of(&pool);
    pool.join();
    assert!(pids.iter().all(|&pid| is_gone(pid)));
    assert!(is_childless(), "no process is left");
    println!("{killed} kills, {} crashes", crashed.len());
    Ok(crashed.len())
}

/// Random numbers, the same in each run: xorshift, as in Marsaglia (2003).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides
    }
}

pub(crate) fn two_hundred_random_kills_lose_nothing_and_keep_the_order() -> Result {
    killed_at_random(200, 1, true, OnCrash::Fail).map(drop)
}

pub(crate) fn two_hundred_random_kills_lose_nothing_in_completion_order() -> Result {
    killed_at_random(200, 1, false, OnCrash::Fail).map(drop)
}

pub(crate) fn two_hundred_random_kills_lose_nothing_in_chunks() -> Result {
    killed_at_random(200, 16, true, OnCrash::Fail).map(drop)
}

pub(crate) fn two_hundred_random_kills_and_with_retry_all_succeed() -> Result {
    let crashed = killed_at_random(200, 1, true, OnCrash::Retry(u32::MAX))?;
    assert_eq!(crashed, 0);
    Ok(())
}

pub(crate) fn two_hundred_random_kills_and_with_retry_all_succeed_in_chunks() -> Result {
    let crashed = killed_at_random(200, 16, false, OnCrash::Retry(u32::MAX))?;
    assert_eq!(crashed, 0);
    Ok(())
}

pub(crate) fn abort_exit_and_faults_are_the_outcome_of_their_task() -> Result {
    let pool = ProcessPool::new(2)?;
    let crashed = |signal, code| Failure::Crashed { signal, code };
    assert_eq!(failure(pool.submit(&ABORT, ()).join()), crashed(Some(6), None));
    assert_eq!(failure(pool.submit(&SEGFAULT, ()).join()), crashed(Some(11), None));
    assert_eq!(failure(pool.submit(&EXIT, 0).join()), crashed(None, Some(0)));
    assert_eq!(failure(pool.submit(&EXIT, 3).join()), crashed(None, Some(3)));
    assert_eq!(failure(pool.submit(&OVERFLOW, u64::MAX).join()), crashed(Some(6), None));
    assert_eq!(pool.map(&SAME, 0..100)?, (0..100).collect::<Vec<_>>());
    // All at once, between tasks that succeed.
    let handles: Vec<_> = (0..40)
        .map(|n| (pool.submit(&ABORT, ()), pool.submit(&EXIT, n), pool.submit(&SAME, n as u64)))
        .collect();
    for (n, (abort, exit, same)) in handles.into_iter().enumerate() {
        assert_eq!(failure(abort.join()), crashed(Some(6), None));
        assert_eq!(failure(exit.join()), crashed(None, Some(n as i32)));
        assert_eq!(same.join(), Ok(n as u64));
    }
    Ok(())
}

pub(crate) fn a_single_process_that_dies_says_how() -> Result {
    let crashed = |signal, code| Err(Failure::Crashed { signal, code });
    assert_eq!(Process::spawn(&ABORT, ())?.join(), crashed(Some(6), None));
    assert_eq!(Process::spawn(&EXIT, 0)?.join(), crashed(None, Some(0)));
    let place = Place::new();
    let (never, begun) = (place.door("never"), place.path("begun"));
    let errand = || Errand::new(0).noting_its_begin_in(&begun).waiting_at(&never);
    let mut process = Process::spawn(&ERRAND, errand())?;
    wait_until("it begins", || numbers_in(&begun).len() == 1);
    process.kill();
    let pid = process.pid();
    assert_eq!(process.join(), Err(KILLED));
    assert!(is_gone(pid));
    let dropped = Process::spawn(&ERRAND, errand())?;
    let pid = dropped.pid();
    wait_until("it begins", || numbers_in(&begun).len() == 2);
    drop(dropped);
    assert!(is_gone(pid));
    Ok(())
}

pub(crate) fn retry_runs_a_task_again_but_not_for_ever() -> Result {
    let place = Place::new();
    let pool = ProcessPool::builder(2).on_crash(OnCrash::Retry(3)).start()?;
    let (saved, lost) = (place.path("saved"), place.path("lost"));
    let saved_one = pool.submit(&ABORT_AT_FIRST, (3, saved.clone()));
    let lost_one = pool.submit(&ABORT_AT_FIRST, (99, lost.clone()));
    assert_eq!(saved_one.join(), Ok(3));
    assert_eq!(failure(lost_one.join()), Failure::Crashed { signal: Some(6), code: None });
    assert_eq!((numbers_in(&saved).len(), numbers_in(&lost).len()), (4, 4));
    Ok(())
}

pub(crate) fn tasks_of_a_chunk_that_ended_before_the_crash_keep_their_results() -> Result {
    // Tasks that have ended are reported soon, but not at once. So the one that aborts waits for a
    // while, and for longer if that wasn't enough.
    for pause in [5, 50, 500, 5000] {
        let place = Place::new();
        let (door, begun) = (place.door("door"), place.door("begun"));
        let pool = ProcessPool::new(1)?;
        let deeds = [
            Deed::Return(10),
            Deed::Open(begun.clone()),
            Deed::Pass(door.clone()),
            Deed::Abort,
            Deed::Return(14),
            Deed::Return(15),
        ];
        let outcomes: Vec<_> = thread::scope(|s| {
            s.spawn(|| {
                pass(&begun);
                thread::sleep(Duration::from_millis(pause));
                open(&door);
            });
            pool.chunk_size(6).imap(&DO, deeds).collect()
        });
        for outcome in &outcomes[3..] {
            assert_eq!(failure(outcome.clone()), ABORTED);
        }
        assert_eq!(pool.chunk_size(6).map(&SAME, 0..3)?, [0, 1, 2]);
        if outcomes[..2] == [Ok(10), Ok(0)] {
            return Ok(());
        }
    }
    Err("results of tasks that had long ended were lost in a crash".into())
}

pub(crate) fn a_crash_in_a_chunk_leaves_other_chunks_alone() -> Result {
    let pool = ProcessPool::new(2)?;
    let deeds = (0..50).map(|n| if n == 22 { Deed::Abort } else { Deed::Return(n) });
    for (n, outcome) in pool.chunk_size(5).imap(&DO, deeds).enumerate() {
        match outcome {
            Ok(value) => assert_eq!(value, n as u64),
            Err(error) => {
                assert_eq!((error.task, error.failure), (n, ABORTED));
                assert!((20..25).contains(&n), "{n} is of another chunk");
            }
        }
    }
    Ok(())
}

pub(crate) fn with_retry_the_rest_of_a_chunk_is_run_and_what_was_reported_is_not_run_again()
-> Result {
    let place = Place::new();
    let journal = place.path("aborted");
    let pool = ProcessPool::builder(2).on_crash(OnCrash::Retry(1)).start()?;
    let inputs = (0..20).map(|_| (1, journal.clone()));
    assert_eq!(pool.chunk_size(5).map(&ABORT_AT_FIRST, inputs)?, vec![1; 20]);
    Ok(())
}

pub(crate) fn a_stopped_worker_can_still_be_terminated() -> Result {
    let pool = ProcessPool::new(2)?;
    let pids = workers_of(&pool);
    let place = Place::new();
    pids.iter().for_each(|&pid| send_signal(pid, Signal::STOP));
    let handle = pool.submit(&MEET, (place.path("nowhere"), 1));
    pool.terminate();
    assert_eq!(failure(handle.join()), Failure::Cancelled);
    assert!(pids.iter().all(|&pid| is_gone(pid)));
    Ok(())
}

/// Leaves the process group of its worker, and goes on for ever.
pub(crate) const LEAVE_GROUP: Task<PathBuf, ()> = Task::new("leave_group", |door| {
    let parent = rustix::process::getppid();
    let group = rustix::process::getpgid(parent).expect("the parent is in one");
    rustix::process::setpgid(None, Some(group)).expect("it can join that of its parent");
    open(&door);
    loop {
        thread::park();
    }
});

pub(crate) fn a_worker_that_has_left_its_process_group_can_still_be_killed() -> Result {
    let place = Place::new();
    let door = place.door("door");
    let pool = ProcessPool::new(1)?;
    let pids = workers_of(&pool);
    let handle = pool.submit(&LEAVE_GROUP, door.clone());
    wait_until("it has left", || door.exists());
    pool.terminate();
    assert_eq!(failure(handle.join()), Failure::Cancelled);
    assert!(pids.iter().all(|&pid| is_gone(pid)));
    Ok(())
}
