//! What `map`, `imap` and `imap_unordered` promise, on worker processes: the twin of `tests/pool`.
//! Order is forced with doors, which are files that tasks wait for, and never with sleeps.

use std::collections::HashSet;
use std::sync::atomic::Ordering::SeqCst;

use hands::pool::ProcessPool;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::starts::LEAVE;
use crate::support::{Place, Result, counted, is_gone, numbers_in, open, wait_until};
use crate::tasks::{ERRAND, Errand, FUSSY, PID, SAME, workers_of};

pub(crate) fn map_keeps_the_order_of_the_inputs() -> Result {
    // The first task ends last: it waits for the second.
    let place = Place::new();
    let door = place.door("door");
    let pool = ProcessPool::new(2)?;
    let errand = |n| match n {
        0 => Errand::new(n).waiting_at(&door),
        _ => Errand::new(n).opening(&door),
    };
    assert_eq!(pool.chunk_size(1).map(&ERRAND, (0..10).map(errand))?, (0..10).collect::<Vec<_>>());
    Ok(())
}

pub(crate) fn imap_yields_in_input_order_whatever_ends_first() -> Result {
    let place = Place::new();
    let (door, ends) = (place.door("door"), place.path("ends"));
    let pool = ProcessPool::new(2)?;
    let errand = |n| {
        let errand = Errand::new(n).noting_its_end_in(&ends);
        match n {
            0 => errand.waiting_at(&door),
            9 => errand.opening(&door),
            _ => errand,
        }
    };
    let outcomes: std::result::Result<Vec<_>, _> =
        pool.imap(&ERRAND, (0..10).map(errand)).collect();
    assert_eq!(outcomes?, (0..10).collect::<Vec<_>>());
    assert_ne!(numbers_in(&ends)[0], 0);
    Ok(())
}

pub(crate) fn imap_unordered_yields_in_completion_order() -> Result {
    let place = Place::new();
    let door = place.door("door");
    let pool = ProcessPool::new(2)?;
    let errand = |n| match n {
        0 => Errand::new(n).waiting_at(&door),
        _ => Errand::new(n),
    };
    let mut results = pool.imap_unordered(&ERRAND, (0..3).map(errand));
    assert_eq!(results.next(), Some(Ok(1)));
    assert_eq!(results.next(), Some(Ok(2)));
    open(&door);
    assert_eq!(results.next(), Some(Ok(0)));
    assert_eq!(results.next(), None);
    Ok(())
}

pub(crate) fn imap_yields_the_first_before_the_last_is_taken() -> Result {
    let (inputs, taken) = counted(0..1000);
    let pool = ProcessPool::new(2)?;
    let mut results = pool.imap(&SAME, inputs);
    assert_eq!(results.next(), Some(Ok(0)));
    assert!(taken.load(SeqCst) <= 16 + 1, "{taken:?}");
    assert_eq!(results.count(), 999);
    Ok(())
}

pub(crate) fn an_endless_iterator_is_a_fine_input() -> Result {
    let pool = ProcessPool::new(2)?;
    let firsts: std::result::Result<Vec<_>, _> = pool.imap(&SAME, 1..).take(100).collect();
    assert_eq!(firsts?, (1..=100).collect::<Vec<_>>());
    assert_eq!(
        pool.chunk_size(7).imap_unordered(&SAME, 1..).take(100).filter(|r| r.is_ok()).count(),
        100
    );
    Ok(())
}

pub(crate) fn all_workers_work_at_once_and_each_is_a_process_of_its_own() -> Result {
    let pool = ProcessPool::new(3)?;
    let pids = workers_of(&pool); // which end only when three of them are there
    assert!(!pids.contains(&std::process::id()));
    let seen: HashSet<u32> =
        pool.chunk_size(1).map(&PID, (0..1000).map(|_| ()))?.into_iter().collect();
    assert!(seen.iter().all(|pid| pids.contains(pid)), "{seen:?} are not all in {pids:?}");
    Ok(())
}

pub(crate) fn a_chunk_stays_together() -> Result {
    let pool = ProcessPool::new(2)?;
    let pids = pool.chunk_size(5).map(&PID, (0..50).map(|_| ()))?;
    for chunk in pids.chunks(5) {
        assert!(chunk.iter().all(|pid| pid == &chunk[0]), "{pids:?}");
    }
    Ok(())
}

pub(crate) fn map_waits_for_all_and_returns_the_first_failure_in_input_order() -> Result {
    let place = Place::new();
    let journal = place.path("begun");
    let pool = ProcessPool::new(2)?;
    let error = pool.chunk_size(1).map(&FUSSY, (0..10).map(|n| (n, journal.clone()))).unwrap_err();
    assert_eq!(numbers_in(&journal).len(), 10);
    assert_eq!(error.task, 3);
    assert!(error.to_string().starts_with("task 3 panicked at "), "{error}");
    assert_eq!(pool.chunk_size(1).map(&SAME, 0..3)?, [0, 1, 2]);
    Ok(())
}

pub(crate) fn nothing_runs_before_the_first_result_is_asked_for() -> Result {
    let (inputs, taken) = counted(0..10);
    let pool = ProcessPool::new(2)?;
    drop(pool.imap(&SAME, inputs));
    assert_eq!(taken.load(SeqCst), 0);
    Ok(())
}

pub(crate) fn dropping_the_results_cancels_what_has_not_started() -> Result {
    let place = Place::new();
    let (door, begun) = (place.door("door"), place.path("begun"));
    let pool = ProcessPool::new(2)?;
    let errand = |n| match n {
        0 => Errand::new(n).noting_its_begin_in(&begun),
        _ => Errand::new(n).noting_its_begin_in(&begun).waiting_at(&door),
    };
    let (inputs, taken) = counted(0..100);
    let mut results = pool.window(100).imap(&ERRAND, inputs.map(errand));
    assert_eq!(results.next(), Some(Ok(0)));
    wait_until("both workers have one", || numbers_in(&begun).len() == 3);
    let waiting = taken.load(SeqCst) - 3;
    drop(results);
    open(&door);
    pool.join();
    assert_eq!(
        numbers_in(&begun).len(),
        3,
        "one ended, both had one, and {waiting} were cancelled"
    );
    Ok(())
}

pub(crate) fn dropping_the_pool_waits_for_what_runs_and_starts_nothing_more() -> Result {
    let place = Place::new();
    let (door, begun, ended) = (place.door("door"), place.path("begun"), place.path("ended"));
    let pool = ProcessPool::new(2)?;
    let pids = workers_of(&pool);
    let errand = |n| {
        let errand = Errand::new(n).noting_its_begin_in(&begun).noting_its_end_in(&ended);
        pool.submit(&ERRAND, errand.waiting_at(&door))
    };
    let handles: Vec<_> = (0..50).map(errand).collect();
    wait_until("both workers have one", || numbers_in(&begun).len() == 2);
    std::thread::scope(|s| {
        s.spawn(|| open(&door));
        drop(pool);
    });
    let ended = numbers_in(&ended).len();
    assert_eq!(numbers_in(&begun).len(), ended, "what has started has ended");
    assert!(pids.iter().all(|&pid| is_gone(pid)), "no process is left that could start more");
    let outcomes: Vec<_> = handles.into_iter().map(|handle| handle.join()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), ended);
    Ok(())
}

pub(crate) fn join_lets_every_task_end() -> Result {
    let place = Place::new();
    let (door, ended) = (place.door("door"), place.path("ended"));
    let pool = ProcessPool::new(2)?;
    let pids = workers_of(&pool);
    let errand = |n| Errand::new(n).waiting_at(&door).noting_its_end_in(&ended);
    let handles: Vec<_> = (0..50).map(|n| pool.submit(&ERRAND, errand(n))).collect();
    drop(handles); // which lets them go on
    std::thread::scope(|s| {
        s.spawn(|| open(&door));
        pool.join();
    });
    assert_eq!(numbers_in(&ended).len(), 50);
    assert!(pids.iter().all(|&pid| is_gone(pid)), "no process is left");
    Ok(())
}

pub(crate) fn zero_workers_is_an_error_that_says_so() -> Result {
    let error = ProcessPool::new(0).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "a pool needs at least one worker");
    Ok(())
}

pub(crate) fn no_inputs_no_results() -> Result {
    let pool = ProcessPool::new(2)?;
    assert_eq!(pool.map(&SAME, [])?, Vec::<u64>::new());
    assert_eq!(pool.imap(&SAME, []).count(), 0);
    assert_eq!(pool.imap_unordered(&SAME, []).count(), 0);
    Ok(())
}

pub(crate) fn a_long_task_never_holds_others_behind_it() -> Result {
    // Tiny tasks come first, so that chunks are sent ahead. Then comes one that takes until the
    // last one is done.
    let place = Place::new();
    let (door, begun) = (place.door("door"), place.path("begun"));
    for (workers, initializer) in [(2, false), (2, true), (3, true)] {
        let _ = std::fs::remove_file(&door);
        let _ = std::fs::remove_file(&begun);
        let pool = ProcessPool::builder(workers);
        let pool = if initializer { pool.initializer(&LEAVE, 7) } else { pool }.start()?;
        let long = 2000;
        let errand = |n| match n {
            _ if n == long => Errand::new(n).noting_its_begin_in(&begun).waiting_at(&door),
            _ => Errand::new(n),
        };
        let mut others = HashSet::new();
        let mut results = pool.window(4000).imap_unordered(&ERRAND, (0..4000).map(errand));
        for result in results.by_ref().take(3999) {
            others.insert(result?);
        }
        assert!(!others.contains(&long), "it began {:?}", numbers_in(&begun));
        open(&door);
        assert_eq!(results.next(), Some(Ok(long)));
    }
    Ok(())
}

/// Whatever the sizes, nothing is lost, nothing comes twice, and the window holds.
pub(crate) fn any_sizes() -> Result {
    let config =
        ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let sizes = (0_u64..200, 1_usize..5, 1_usize..20, 1_usize..40);
    TestRunner::new(config).run(&sizes, |(inputs, workers, chunk, window)| {
        let pool = ProcessPool::new(workers).unwrap();
        let (counted_inputs, taken) = counted(0..inputs);
        let mut results = pool.chunk_size(chunk).window(window).imap(&SAME, counted_inputs);
        for k in 0..inputs {
            prop_assert!(taken.load(SeqCst) <= k as usize + window);
            prop_assert_eq!(results.next(), Some(Ok(k)));
        }
        prop_assert_eq!(results.next(), None);
        let all: Vec<u64> = (0..inputs).collect();
        prop_assert_eq!(
            &pool.chunk_size(chunk).window(window).map(&SAME, 0..inputs).unwrap(),
            &all
        );
        let mut unordered: Vec<_> = pool
            .chunk_size(chunk)
            .window(window)
            .imap_unordered(&SAME, 0..inputs)
            .map(|r| r.unwrap())
            .collect();
        unordered.sort_unstable();
        prop_assert_eq!(unordered, all);
        Ok(())
    })?;
    Ok(())
}
