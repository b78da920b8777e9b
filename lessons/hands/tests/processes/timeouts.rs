//! Tasks that take too long, and workers that have run enough tasks.

use std::collections::HashMap;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use hands::pool::{Failure, OnCrash, ProcessPool};
use hands::process::Task;

use crate::support::{Place, Result, is_gone, note, numbers_in};
use crate::tasks::{PID, SAME, workers_of};

const LONG: Duration = Duration::from_secs(3600);

/// Sleeps for this many milliseconds, or for ever.
pub(crate) const SLEEP: Task<Option<u64>, u32> = Task::new("sleep", |time| {
    thread::sleep(time.map_or(LONG, Duration::from_millis));
    std::process::id()
});

/// Computes for this many microseconds.
pub(crate) const SPIN: Task<u64, ()> = Task::new("spin", |micros| {
    let end = Instant::now() + Duration::from_micros(micros);
    while Instant::now() < end {
        thread::yield_now();
    }
});

/// Sleeps for this many milliseconds, and notes how many it really slept.
pub(crate) const NAP: Task<(u64, PathBuf), ()> = Task::new("nap", |(time, journal)| {
    let began = Instant::now();
    thread::sleep(Duration::from_millis(time));
    note(&journal, began.elapsed().as_millis());
});

pub(crate) fn a_task_that_runs_for_ever_is_killed_and_others_are_not() -> Result {
    let limit = Duration::from_secs(2);
    let pool = ProcessPool::builder(2).task_timeout(limit).start()?;
    let before = workers_of(&pool);
    let inputs = (0..200).map(|n| if n == 50 || n == 120 { None } else { Some(1) });
    let outcomes: Vec<_> = pool.imap(&SLEEP, inputs).collect();
    for (n, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(_) => assert!(n != 50 && n != 120),
            Err(error) => {
                assert_eq!((error.task, &error.failure), (n, &Failure::TimedOut { limit }));
                assert!(n == 50 || n == 120, "{error}");
            }
        }
    }
    let after = workers_of(&pool);
    let gone = before.difference(&after).inspect(|&&pid| assert!(is_gone(pid))).count();
    assert!(gone >= 1, "who ran for ever was killed");
    Ok(())
}

pub(crate) fn the_clock_of_a_timeout_starts_with_the_task() -> Result {
    // Together they take far longer than a single task may.
    let pool = ProcessPool::builder(1).task_timeout(Duration::from_secs(2)).start()?;
    let handles: Vec<_> = (0..30).map(|_| pool.submit(&SLEEP, Some(100))).collect();
    for handle in handles {
        handle.join()?;
    }
    assert_eq!(pool.chunk_size(30).map(&SLEEP, vec![Some(100); 30])?.len(), 30);
    Ok(())
}

pub(crate) fn a_timeout_in_a_chunk_fails_that_task_alone() -> Result {
    let limit = Duration::from_secs(1);
    let pool = ProcessPool::builder(1).task_timeout(limit).start()?;
    let inputs = (0..10).map(|n| if n == 4 { None } else { Some(1) });
    let outcomes: Vec<_> = pool.chunk_size(10).imap(&SLEEP, inputs).collect();
    for (n, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(_) => assert_ne!(n, 4),
            Err(error) => {
                assert_eq!((n, error.task, error.failure), (4, 4, Failure::TimedOut { limit }));
            }
        }
    }
    Ok(())
}

pub(crate) fn tasks_of_a_chunk_are_not_charged_for_each_other() -> Result {
    // Each is short, but together they are not. Once is enough, because on a very busy machine
    // even a short one can take too long.
    let limit = Duration::from_millis(90);
    let mut seen = Vec::new();
    for _ in 0..5 {
        let place = Place::new();
        let journal = place.path("slept");
        let pool = ProcessPool::builder(1).task_timeout(limit).start()?;
        let outcomes: Vec<_> =
            pool.chunk_size(60).imap(&NAP, (0..60).map(|_| (5, journal.clone()))).collect();
        if outcomes.iter().all(|outcome| outcome.is_ok()) {
            return Ok(());
        }
        seen.push(numbers_in(&journal).into_iter().max());
    }
    Err(format!("killed after {limit:?}, though the longest took {seen:?} ms").into())
}

pub(crate) fn a_timeout_is_no_crash_and_is_not_retried() -> Result {
    let place = Place::new();
    let journal = place.path("slept");
    let limit = Duration::from_millis(300);
    let pool = ProcessPool::builder(1).task_timeout(limit).on_crash(OnCrash::Retry(9)).start()?;
    let error = pool.submit(&NAP, (3_600_000, journal)).join().unwrap_err();
    assert_eq!(error.failure, Failure::TimedOut { limit });
    assert_eq!(pool.submit(&SAME, 7).join(), Ok(7));
    Ok(())
}

pub(crate) fn a_worker_runs_no_more_tasks_than_it_may_and_is_replaced() -> Result {
    for (most, chunk) in [(1, 1), (7, 1), (10, 5), (3, 5)] {
        let pool = ProcessPool::builder(2).max_tasks_per_child(most).start()?;
        let mut tasks = HashMap::new();
        for pid in pool.chunk_size(chunk).imap(&PID, (0..100).map(|_| ())) {
            *tasks.entry(pid?).or_insert(0) += 1;
        }
        // A chunk is never split for this.
        let most = most.next_multiple_of(chunk);
        assert_eq!(tasks.values().sum::<usize>(), 100);
        assert!(tasks.values().all(|&n| n <= most), "at most {most}: {tasks:?}");
        assert!(tasks.len() >= 100 / most);
        pool.join();
        assert!(tasks.keys().all(|&pid| is_gone(pid)));
    }
    Ok(())
}

pub(crate) fn a_task_that_ends_just_as_its_time_is_over_is_a_value_or_timed_out() -> Result {
    // They end at about the time when they are killed, so some end just before.
    let limit = Duration::from_millis(20);
    let pool = ProcessPool::builder(4).task_timeout(limit).start()?;
    let times = (0..400).map(|n| if n % 2 == 0 { 19_600 + n * 13 % 600 } else { 0 });
    for (n, outcome) in pool.chunk_size(2).imap(&SPIN, times).enumerate() {
        match outcome.map_err(|error| error.failure) {
            // On a busy machine, any task may wait for a core until its time is up.
            Ok(()) | Err(Failure::TimedOut { .. }) => {}
            // The first task of a chunk can end between the look at the clock and the kill. By then
            // the second one has begun, and it dies with its process: it isn't run twice.
            Err(Failure::Crashed { signal: Some(9), .. }) if n % 2 == 1 => {}
            Err(failure) => panic!("task {n} {failure}"),
        }
    }
    Ok(())
}
